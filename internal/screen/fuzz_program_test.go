package screen

import (
	"fmt"
	"strings"
	"testing"
)

// A program is a list of steps, each a whole sequence or a piece of text. Two bytes
// make one: which, and with what number.
func program(data []byte) [][]byte {
	var steps [][]byte
	for i := 0; i+1 < min(len(data), maxSteps*2); i += 2 {
		steps = append(steps, step(data[i], int(data[i+1])))
	}
	return steps
}

// maxSteps bounds a program, so that very many are tried.
const maxSteps = 120

// Final bytes of sequences of one number, of two, and of none.
const (
	oneNumber  = "ABCDEFGIJKLMPSTXZ@`abdegsu"
	twoNumbers = "Hfr"
	noNumber   = "78DEHMNOcZ=>"
)

var stepTexts = []string{
	"a", "hello ", "\r\n", "\n", "\t", "\b", "日", "語本", "😀", "\u0301", "e\u0301\u0302", "\u1161", "─│", "\xff", "\xe6\x97",
	"\x0e", "\x0f", "\x1b(0", "\x1b(B", "\x1b)A", "\x1b)0", "lqqk~{", "\x18", "\x1b", "\a", "\x05",
	"\x1b[!p", "\x1b#8", "\x1b[m", "\x1b[4:3m", "\x1b[58:2::1:2:3m", "\x1b[38;2;9;8;7m", "\x1b[48;5;100m", "\x1b[0;1;7m",
	"\x1b[4h", "\x1b[4l", "\x1b[20h", "\x1b[20l", "\x1b[?5W", "\x1b[c", "\x1b[6n", "\x1b[>c", "\x1b]11;?\a", "\x1b[?u", "\x1bP$qm\x1b\\",
	"\x1b]8;;\x1b\\", "\x1b[22t", "\x1b[23t", "\x1b[>1u", "\x1b[<u", "\x1b[=3;2u", "\x1b[>4;2m", "\x1b[3 q", "\x1bPunfinished", "\x1b_apc\x1b\\",
}

var stepModes = []int{1, 5, 6, 7, 9, 12, 25, 47, 66, 1000, 1002, 1003, 1004, 1005, 1006, 1007, 1015, 1047, 1048, 1049, 2004, 2026}

// step returns what b and n stand for. Most are text and motion, as in real programs.
func step(b byte, n int) []byte {
	switch {
	case b < 60:
		return []byte(stepTexts[n%len(stepTexts)])
	case b < 90:
		text := strings.Repeat("the quick brown fox 日本 "[b%20:], 4)
		return []byte(text[:min(n%64, len(text))])
	case b < 140:
		return fmt.Appendf(nil, "\x1b[%d%c", n%50, oneNumber[int(b)%len(oneNumber)])
	case b < 160:
		return fmt.Appendf(nil, "\x1b[%d;%d%c", n%16, n/4, twoNumbers[int(b)%len(twoNumbers)])
	case b < 180:
		return []byte{0x1b, noNumber[n%len(noNumber)]}
	case b < 225:
		return fmt.Appendf(nil, "\x1b[?%d%c", stepModes[n%len(stepModes)], "hhlsr"[int(b)%5])
	case b < 240:
		return fmt.Appendf(nil, "\x1b[%d;%dm", n%110, int(b))
	case b < 245:
		return fmt.Appendf(nil, "\x1b]2;%*d\a", n*8, n)
	case b < 250:
		return fmt.Appendf(nil, "\x1b]8;;http://%d\x1b\\", n)
	}
	return []byte(strings.Repeat("line\r\n", n%40))
}

// addPrograms adds programs of all steps and of some.
func addPrograms(f *testing.F) {
	seed := uint64(1)
	for i := range 40 {
		data := make([]byte, 20+6*i)
		for j := range data {
			seed = seed*6364136223846793005 + 1442695040888963407 // Knuth's MMIX
			data[j] = byte(seed >> 56)
		}
		f.Add(data, uint8(3*i), uint8(i))
	}
}

// rawSeeds are streams of bytes: odd ones, and pieces of recordings.
func rawSeeds(f *testing.F) [][]byte {
	var seeds [][]byte
	for _, seed := range []string{
		"hello\r\nworld\x1b[31mred\x1b[m", "\x1b[?1049h\x1b[2;4r\x1b[?6h\x1b[Hx\x1b7\x1b[?1049l\x1b8",
		"日本語日本語日本語e\u0301\u0302", "\x1b]0;title\a\x1b[22t\x1b]8;;http://a\x1b\\link\x1b]8;;\x1b\\",
		"\x1bP$qm\x1b\\\x1b[5n\x1b[6n\x1b[c\x1b]11;?\a", "0123456789012345678901\x1b[b\x1b7\x1b[K\x1b8",
		"\x1b(0lqqk\x1b(B\x0e\x1b)0x\x0f\x1b[4h\x1b[Hab\x1b[?7labcdefghijklmnopqrstuvwxyz", "\xe4\xb8\x18\xf0\x9f\x98\x80\xff\xc2\x9b",
		"\x1b[48;5;3m\x1b[2J\x1b[5X\x1b[3P\x1b[2@\x1b[2L\x1b[M\x1b[3S\x1b[2T", "\x1b[?1000;1006;2004s\x1b[?1002h\x1b[?1000r\x1b[>7u\x1b[=3;2u\x1b[<u",
		"0123456789012345678\u65e5\u672c\x1b[1K\x1b[A\x1b[2;3H\x1bM\x1b[?5W\x1b[3g\x1bH\x1b#8",
	} {
		seeds = append(seeds, []byte(seed))
	}
	for _, r := range recordings(f) {
		part := r.data[len(r.data)/3:]
		seeds = append(seeds, part[:min(len(part), 1000)])
	}
	return seeds
}
