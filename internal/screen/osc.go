package screen

import (
	"bytes"
	"strings"
	"unicode/utf8"
)

// osc executes an operating system command. Of those that set something it knows
// titles and links; colours, the clipboard and notifications are not for us.
func (s *Screen) osc(data []byte, terminator string) {
	code, rest, _ := bytes.Cut(data, []byte{';'})
	switch string(code) {
	case "0", "2":
		if string(rest) != s.title { // or else it is clean, and the same
			s.title = cleanTitle(rest)
		}
	case "8":
		s.setLink(rest)
	case "4", "10", "11", "12":
		s.answerColor(string(code), string(rest), terminator)
	}
}

// cleanTitle returns b without controls and without what is no UTF-8, at most
// maxTitle bytes of it.
func cleanTitle(b []byte) string {
	return cutText(strings.Map(func(r rune) rune {
		if r < 0x20 || r >= 0x7f && r < 0xa0 {
			return -1
		}
		return r
	}, strings.ToValidUTF8(string(b), "")), maxTitle)
}

// cutText returns at most n bytes of valid s, whole characters.
func cutText(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}

// setLink is OSC 8: parameters, of which none matters here, and the target. Only
// targets on the web are kept; any other ends the link.
func (s *Screen) setLink(data []byte) {
	s.pen.Link = 0
	_, target, _ := bytes.Cut(data, []byte{';'})
	if !isWebLink(target) {
		return
	}
	s.pen.Link, _ = s.internLink(target)
}

func isWebLink(b []byte) bool {
	if len(b) > maxLink {
		return false
	}
	for _, c := range b {
		if c <= 0x20 || c >= del {
			return false
		}
	}
	return bytes.HasPrefix(b, []byte("http://")) || bytes.HasPrefix(b, []byte("https://"))
}

func (s *Screen) pushTitle() {
	if len(s.titles) == maxTitleStack {
		copy(s.titles, s.titles[1:])
		s.titles = s.titles[:maxTitleStack-1]
	}
	s.titles = append(s.titles, s.title)
}

func (s *Screen) popTitle() {
	if n := len(s.titles); n > 0 {
		s.title = s.titles[n-1]
		s.titles = s.titles[:n-1]
	}
}
