package screen

import (
	"fmt"
	"strconv"
	"strings"
)

// The answers are those of a plain VT100 and xterm 276: they decide what programs
// send, and all that they may then send is understood here and by the viewers.

// answerStatus answers DA1, DSR and CPR.
func (s *Screen) answerStatus(final byte) {
	if !s.answer {
		return
	}
	private := ""
	if s.prefix == '?' {
		private = "?"
	}
	switch n := s.param(0, 0); {
	case final == 'c' && n == 0:
		s.reply("\x1b[?1;2c")
	case final == 'n' && n == 5 && private == "":
		s.reply("\x1b[0n")
	case final == 'n' && n == 6:
		y := s.y
		if s.modes.has(modeOrigin) {
			y -= s.top
		}
		s.reply(fmt.Sprintf("\x1b[%s%d;%dR", private, y+1, s.x+1))
	}
}

func (s *Screen) answerSize() {
	if s.answer {
		s.reply(fmt.Sprintf("\x1b[8;%d;%dt", s.rows, s.cols))
	}
}

// answerMode answers DECRQM: 0 not known, 1 set, 2 reset.
func (s *Screen) answerMode(private bool) {
	if !s.answer {
		return
	}
	code := s.param(0, 0)
	on, known, prefix := false, false, ""
	switch {
	case private:
		on, known = s.privateState(code)
		prefix = "?"
	case code == 4:
		on, known = s.modes.has(modeInsert), true
	case code == 20:
		on, known = s.modes.has(modeNewline), true
	}
	state := 0
	switch {
	case known && on:
		state = 1
	case known:
		state = 2
	}
	s.reply(fmt.Sprintf("\x1b[%s%d;%d$y", prefix, code, state))
}

// dcs answers a request for a setting (DECRQSS), and says no to one for a
// capability (XTGETTCAP).
func (s *Screen) dcs(data []byte) {
	if !s.answer {
		return
	}
	if s.inter[0] == '+' {
		s.reply("\x1bP0+r\x1b\\")
		return
	}
	switch string(data) {
	case "m":
		sgr := appendSGR(nil, s.pen)
		s.reply("\x1bP1$r" + string(sgr[len("\x1b["):]) + "\x1b\\")
	case `"q`: // DECSCA: nothing is protected
		s.reply("\x1bP1$r0\"q\x1b\\")
	case `"p`: // DECSCL: a VT100
		s.reply("\x1bP1$r61;1\"p\x1b\\")
	case "r":
		s.reply(fmt.Sprintf("\x1bP1$r%d;%dr\x1b\\", s.top+1, s.bottom+1))
	case " q":
		s.reply(fmt.Sprintf("\x1bP1$r%d q\x1b\\", s.modes.cursorStyle))
	default:
		s.reply("\x1bP0$r\x1b\\")
	}
}

// The colours that queries are answered with: light grey on black.
var (
	answerFg = [3]uint8{0xd0, 0xd0, 0xd0}
	answerBg = [3]uint8{0, 0, 0}
)

// answerColor answers a query for the colours of the palette (OSC 4), the text,
// the background or the cursor (10, 11, 12). Setting them is ignored.
func (s *Screen) answerColor(code, arg, terminator string) {
	if !s.answer {
		return
	}
	c := answerFg
	switch code {
	case "4":
		index, query, _ := strings.Cut(arg, ";")
		i, err := strconv.ParseUint(index, 10, 8)
		if err != nil {
			return
		}
		code, arg, c = "4;"+strconv.Itoa(int(i)), query, paletteRGB(uint8(i))
	case "11":
		c = answerBg
	}
	if arg != "?" {
		return
	}
	s.reply(fmt.Sprintf("\x1b]%s;rgb:%02x%02x/%02x%02x/%02x%02x%s",
		code, c[0], c[0], c[1], c[1], c[2], c[2], terminator))
}

// paletteRGB returns xterm's default for a colour of the palette: 16 named ones,
// a cube of 6 by 6 by 6, and 24 greys (XTerm-col.ad, 256colres.h).
func paletteRGB(i uint8) [3]uint8 {
	switch {
	case i < 16:
		return namedColors[i]
	case i >= 232:
		g := 8 + 10*(i-232)
		return [3]uint8{g, g, g}
	}
	level := func(v uint8) uint8 {
		if v == 0 {
			return 0
		}
		return 55 + 40*v
	}
	i -= 16
	return [3]uint8{level(i / 36), level(i / 6 % 6), level(i % 6)}
}

var namedColors = [16][3]uint8{
	{0, 0, 0}, {205, 0, 0}, {0, 205, 0}, {205, 205, 0}, {0, 0, 238}, {205, 0, 205}, {0, 205, 205}, {229, 229, 229},
	{127, 127, 127}, {255, 0, 0}, {0, 255, 0}, {255, 255, 0}, {92, 92, 255}, {255, 0, 255}, {0, 255, 255}, {255, 255, 255},
}
