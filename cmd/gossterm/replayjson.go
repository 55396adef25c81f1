package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"

	"gossterm/internal/screen"
)

// jsonScreen is a screen as 'replay --print json' prints it, without its cells.
type jsonScreen struct {
	Cols   int        `json:"cols"`
	Rows   int        `json:"rows"`
	Cursor jsonCursor `json:"cursor"`
	Alt    bool       `json:"alt"`
	Title  string     `json:"title"`
	Lines  []string   `json:"lines"`
}

type jsonCursor struct {
	X       int  `json:"x"`
	Y       int  `json:"y"`
	Visible bool `json:"visible"`
}

type jsonCell struct {
	Text  string   `json:"text"`
	Width int      `json:"width"`
	Fg    any      `json:"fg"` // nil, uint8 or string
	Bg    any      `json:"bg"`
	Attrs []string `json:"attrs"`
}

// printJSON prints s as one object, a row of cells a line.
func printJSON(w io.Writer, s *screen.Screen) error {
	var f screen.Frame
	s.Frame(&f)
	head, err := visibleJSON(jsonScreen{Cols: f.Cols, Rows: f.Rows,
		Cursor: jsonCursor{f.Cursor.X, f.Cursor.Y, f.Cursor.Visible}, Alt: f.Alt, Title: f.Title, Lines: s.Text()})
	if err != nil {
		return err
	}
	fmt.Fprintf(w, "%s,\"cells\":[", head[:len(head)-1]) // the object goes on
	row := make([]jsonCell, f.Cols)
	for y := range f.Rows {
		for x, c := range f.Row(y) {
			row[x] = jsonCellOf(&f, c)
		}
		b, err := visibleJSON(row)
		if err != nil {
			return err
		}
		separator := ","
		if y == 0 {
			separator = ""
		}
		fmt.Fprintf(w, "%s\n%s", separator, b)
	}
	_, err = fmt.Fprintln(w, "\n]}")
	return err
}

func jsonCellOf(f *screen.Frame, c screen.Cell) jsonCell {
	j := jsonCell{Width: int(c.Width), Fg: jsonColor(c.Pen.Fg), Bg: jsonColor(c.Pen.Bg), Attrs: attrsOf(c.Pen, f.Reverse)}
	switch {
	case c.Width == 0:
	case c.Rune == 0:
		j.Text = " "
	default:
		j.Text = string(c.Rune) + f.Marks[c.Mark]
	}
	return j
}

func jsonColor(c screen.Color) any {
	if i, ok := c.Index(); ok {
		return i
	}
	if r, g, b, ok := c.RGB(); ok {
		return fmt.Sprintf("#%02x%02x%02x", r, g, b)
	}
	return nil
}

// attrNames are the names of attributes in the order they are printed in.
var attrNames = []struct {
	name      string
	attr      screen.Attr
	underline uint8
}{
	{name: "bold", attr: screen.Bold},
	{name: "faint", attr: screen.Faint},
	{name: "italic", attr: screen.Italic},
	{name: "underline", underline: screen.SingleUnderline},
	{name: "double-underline", underline: screen.DoubleUnderline},
	{name: "curly-underline", underline: screen.CurlyUnderline},
	{name: "dotted-underline", underline: screen.DottedUnderline},
	{name: "dashed-underline", underline: screen.DashedUnderline},
	{name: "blink", attr: screen.Blink},
	{name: "reverse", attr: screen.Reverse},
	{name: "conceal", attr: screen.Conceal},
	{name: "strike", attr: screen.Strike},
	{name: "overline", attr: screen.Overline},
}

// attrsOf returns how a cell looks on a screen that is in reverse video as a whole or
// is not: there, what is reversed is not.
func attrsOf(p screen.Pen, reverse bool) []string {
	if reverse {
		p.Attr ^= screen.Reverse
	}
	attrs := []string{}
	for _, n := range attrNames {
		if p.Attr&n.attr != 0 || n.underline != screen.NoUnderline && p.Underline == n.underline {
			attrs = append(attrs, n.name)
		}
	}
	return attrs
}

// visibleJSON returns v as JSON in which what is not visible is escaped, so that it
// may be looked at on a terminal.
func visibleJSON(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return nil, err
	}
	in := bytes.TrimSuffix(b.Bytes(), []byte("\n"))
	out := make([]byte, 0, len(in))
	for len(in) > 0 {
		r, n := utf8.DecodeRune(in)
		if r < 0x7f || unicode.IsGraphic(r) {
			out = append(out, in[:n]...)
		} else {
			out = appendEscape(out, r)
		}
		in = in[n:]
	}
	return out, nil
}

// appendEscape appends r as JSON escapes it: in UTF-16.
func appendEscape(b []byte, r rune) []byte {
	if hi, lo := utf16.EncodeRune(r); hi != unicode.ReplacementChar {
		return fmt.Appendf(b, `\u%04x\u%04x`, hi, lo)
	}
	return fmt.Appendf(b, `\u%04x`, r)
}
