package cast

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"unicode/utf8"
)

const headerForm = "a header such as " + `{"version": 2, "width": 80, "height": 24}`

// Hints for what is often taken for a recording that we read.
const (
	hintOld  = "'asciinema convert' of asciinema 3 makes a newer one of it"
	hintGzip = "unpack it first, with gunzip"
)

// A header is the first line: what of it is ours, as it stands.
type header struct {
	Version json.RawMessage `json:"version"`
	Width   json.RawMessage `json:"width"`
	Height  json.RawMessage `json:"height"`
	Stdout  json.RawMessage `json:"stdout"` // of version 1: all events
	Term    struct {
		Cols json.RawMessage `json:"cols"`
		Rows json.RawMessage `json:"rows"`
	} `json:"term"`
}

// parseHeader reads the first line; ended says that others may follow.
func parseHeader(line []byte, ended bool) (Header, error) {
	wrong := func(hint, format string, args ...any) (Header, error) {
		return Header{}, &Error{1, fmt.Sprintf(format, args...), hint}
	}
	switch {
	case bytes.HasPrefix(line, []byte{0x1f, 0x8b}):
		return wrong(hintGzip, "this is compressed with gzip")
	case !utf8.Valid(line):
		return wrong("", "the line is not UTF-8, expected %s", headerForm)
	}
	var h header
	if err := json.Unmarshal(line, &h); err != nil {
		if ended && goesOn(line) {
			return wrong(hintOld, "the header is not one line, as of asciicast version 1, expected %s", headerForm)
		}
		return wrong("", "%v", jsonError(err, headerForm))
	}
	version, err := parseNumber(h.Version)
	switch {
	case err == nil && version == 1, h.Version == nil && h.Stdout != nil:
		return wrong(hintOld, "this is asciicast version 1, expected version 2 or 3")
	case h.Version == nil:
		return wrong("", "there is no version, expected %s", headerForm)
	case err == nil && version == 2:
		return sized(2, h.Width, h.Height, `"width" and "height"`)
	case err == nil && version == 3:
		return sized(3, h.Term.Cols, h.Term.Rows, `"term": {"cols", "rows"}`)
	}
	return wrong("", "this is version %s, expected version 2 or 3", brief(h.Version))
}

// goesOn reports whether line opens an object that it does not close.
func goesOn(line []byte) bool {
	line = bytes.TrimSpace(line)
	return bytes.HasPrefix(line, []byte("{")) && !bytes.HasSuffix(line, []byte("}"))
}

// sized returns the Header of a version whose size has the given form.
func sized(version int, cols, rows json.RawMessage, form string) (Header, error) {
	wide, err1 := parseSide(cols)
	high, err2 := parseSide(rows)
	if errors.Join(err1, err2) != nil {
		return Header{}, &Error{1, fmt.Sprintf("the size %s by %s is none, expected %s from 1 to %d", brief(cols), brief(rows), form, MaxSize), ""}
	}
	return Header{version, wide, high}, nil
}

// parseSide reads a number of columns or rows.
func parseSide(raw json.RawMessage) (int, error) {
	f, err := parseNumber(raw)
	if err == nil && (f < 1 || f > MaxSize || f != float64(int(f))) {
		err = errNoNumber
	}
	return int(min(f, MaxSize)), err
}
