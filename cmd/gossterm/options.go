package main

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"os/user"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/term"

	"gossterm/internal/envelope"
)

// An escape is the flag --escape: a character or none.
type escape byte

const defaultEscape = escape('~')

func (e *escape) String() string {
	switch {
	case *e == 0:
		return "none"
	case *e < ' ':
		return "^" + string(rune(*e+'@'))
	}
	return string(rune(*e))
}

// shown returns the character as notices say it, "" if there is none.
func (e *escape) shown() string {
	if *e == 0 {
		return ""
	}
	return e.String()
}

func (e *escape) Type() string { return "CHAR|none" }

func (e *escape) Set(s string) error {
	switch {
	case s == "none":
		*e = 0
	case len(s) == 1 && s[0] > ' ' && s[0] < 0x7f:
		*e = escape(s[0])
	case len(s) == 2 && s[0] == '^' && s[1] >= '@' && s[1] <= '_' && s[1] != '@':
		*e = escape(s[1] - '@')
	default:
		return errors.New("want one character, ^ and a letter, or none")
	}
	return nil
}

// The keys that follow the escape character. A host has none to suspend: its shell
// runs in the process that would be stopped.
const (
	hostKeys = ".?ipsywn"
	joinKeys = ".?ips" + string(rune(suspendKey))
)

// helpColumns is the width that the help fits into.
const helpColumns = 80

// helpText is what the escape character and '?' show, where keys can follow it. What
// an escape character of two leaves no room for is the last thing of the first line: how
// to type it.
func helpText(e escape, keys, leave string) []string {
	c := e.String()
	text := fmt.Sprintf("at line start: %s. %s, %sp people, %ss status, %si tickets", c, leave, c, c, c)
	if strings.ContainsRune(keys, suspendKey) {
		text += fmt.Sprintf(", %s^Z suspends", c)
	}
	if more := fmt.Sprintf(", %s%s a %s", c, c, c); len(text)+len(more) <= helpColumns {
		text += more
	}
	return []string{text, c + " and an arrow key moves a window that is smaller than the terminal"}
}

// A size is the flag --size: columns and rows of a terminal.
type size struct{ cols, rows int }

// The size of a terminal that does not say its own.
const (
	defaultCols = 80
	defaultRows = 24
)

// sizeAt returns the size of the terminal that std is, or the default.
func sizeAt(std stdio) size {
	for _, f := range []*os.File{std.out, std.in} {
		if cols, rows, err := term.GetSize(int(f.Fd())); err == nil && min(cols, rows) > 0 {
			return size{shareable(cols), shareable(rows)}
		}
	}
	return size{defaultCols, defaultRows}
}

// shareable returns the number of columns or rows next to n that can be shared.
func shareable(n int) int { return min(max(n, envelope.MinCells), envelope.MaxCells) }

func (s *size) String() string {
	if *s == (size{}) {
		return ""
	}
	return fmt.Sprintf("%dx%d", s.cols, s.rows)
}

func (s *size) Type() string { return "COLSxROWS" }

func (s *size) Set(text string) error {
	c, r, ok := strings.Cut(text, "x")
	cols, err1 := strconv.Atoi(c)
	rows, err2 := strconv.Atoi(r)
	if !ok || err1 != nil || err2 != nil {
		return errors.New("want columns, an x and rows, as in 80x24")
	}
	if min(cols, rows) < envelope.MinCells || max(cols, rows) > envelope.MaxCells {
		return fmt.Errorf("columns and rows are from %d to %d", envelope.MinCells, envelope.MaxCells)
	}
	s.cols, s.rows = cols, rows
	return nil
}

// A choice is a flag that is one of some words, the first if it is not given.
type choice struct {
	words []string
	n     int // which
}

func (c *choice) String() string {
	if len(c.words) == 0 {
		return ""
	}
	return c.words[c.n]
}

func (c *choice) Type() string { return strings.Join(c.words, "|") }

func (c *choice) Set(s string) error {
	n := slices.Index(c.words, s)
	if n < 0 {
		return fmt.Errorf("want one of %s", strings.Join(c.words, ", "))
	}
	c.n = n
	return nil
}

// The words of --history and --resize, in the order of the numbers of a view.
func historyChoice() choice { return choice{words: []string{"lines", "screen", "none"}} }
func resizeChoice() choice  { return choice{words: []string{"host", "smallest", "latest"}} }

// listenAddr reads the flag --listen: an address with or without a port, or a
// port alone. The zero AddrPort is every interface and any port.
func listenAddr(s string) (netip.AddrPort, error) {
	if s == "" {
		return netip.AddrPort{}, nil
	}
	if a, err := netip.ParseAddr(strings.Trim(s, "[]")); err == nil {
		return netip.AddrPortFrom(a, 0), nil
	}
	host, port, err := net.SplitHostPort(s)
	if err != nil {
		return netip.AddrPort{}, errors.New("want an IP address, a port after a colon, or both")
	}
	p, err := strconv.ParseUint(port, 10, 16)
	if err != nil {
		return netip.AddrPort{}, fmt.Errorf("port %q is no number up to 65535", port)
	}
	if host == "" {
		return netip.AddrPortFrom(netip.IPv6Unspecified(), uint16(p)), nil
	}
	a, err := netip.ParseAddr(host)
	if err != nil {
		return netip.AddrPort{}, fmt.Errorf("%q is no IP address", host)
	}
	return netip.AddrPortFrom(a, uint16(p)), nil
}

// defaultName returns what a person is called who gave no name.
func defaultName() string {
	if u, err := user.Current(); err == nil && u.Username != "" {
		return u.Username
	}
	return os.Getenv("USER")
}

// refuseNested fails inside a session unless nested is set: a session shown in
// itself draws itself for ever.
func refuseNested(nested bool, status int) error {
	if nested || os.Getenv("GOSSTERM") == "" {
		return nil
	}
	return &failure{
		err:    errors.New("this is a shared session already"),
		hint:   "give --nested if you mean it",
		status: status,
	}
}
