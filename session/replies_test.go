package session

import (
	"testing"

	"gossterm/internal/envelope"
)

// Promise 10: a member that is patched to send answers of a terminal is not heard, in
// whatever items of a record it puts them. What it types around them is.
func TestAnswersFromMembersAreNotTyped(t *testing.T) {
	for _, answer := range []string{
		"\x1b[24;80R", "\x1b[?24;80R", "\x1b[?24;80;1R", "\x1b[?1;2c", "\x1b[>0;276;0c", "\x1b[0n", "\x1b[3n", "\x1b[?25;1$y", "\x1b[4;2$y",
		"\x1b]10;rgb:ffff/ffff/ffff\a", "\x1b]11;rgb:0/0/0\x1b\\", "\x1b]4;1;rgb:cd/0/0\x1b\\", "\x1b]52;c;YQ==\a",
		"\x1bP1$r0m\x1b\\", "\x1bP1+r544e=78\x1b\\", "\x1bP>|xterm(276)\x1b\\", "\x1bP!|00000000\x1b\\",
		"\x1b[?0u", "\x1b[8;24;80t", "\x1b[4;600;800t", "\x1b[?997;1n", "\x1b_Gi=1;OK\x1b\\", "\x1b[48;24;80;0;0t",
	} {
		all := "a" + answer + "b"
		at := len(all) / 2
		for _, tt := range []struct {
			how   string
			items []envelope.InputItem
		}{
			{"typed", []envelope.InputItem{envelope.Typed{Data: []byte(all)}}},
			{"pasted", []envelope.InputItem{envelope.Paste{First: true, Last: true, Data: []byte(all)}}},
			{"typed in two items", []envelope.InputItem{envelope.Typed{Data: []byte(all[:at])}, envelope.Typed{Data: []byte(all[at:])}}},
			{"pasted in two", []envelope.InputItem{envelope.Paste{First: true, Data: []byte(all[:at])}, envelope.Paste{Last: true, Data: []byte(all[at:])}}},
			{"typed behind a key", []envelope.InputItem{envelope.Typed{Data: []byte("a")}, envelope.Key{Final: 'u', Number: 27, Modifiers: 1}, envelope.Typed{Data: []byte(all[2:])}}},
		} {
			r := newHostRig(t)
			r.join(ana)
			r.step(Input{Author: ana, Incarnation: 1, Seq: 1, Plain: envelope.Typing{Items: tt.items}.Append(nil)})
			if r.shell != "ab" {
				t.Errorf("%s %q: the shell took %q", tt.how, answer, r.shell)
			}
			r.wantAck(ana, 1, 0)
		}
	}
	r := newHostRig(t)
	r.join(ana)
	for i, key := range []envelope.Key{{Final: 'R', Number: 24, Modifiers: 80}, {Final: 'R', Number: 1, Modifiers: 80}, {Final: 'n', Number: 0, Modifiers: 1},
		{Final: 'c', Number: 1, Modifiers: 2}, {Final: 't', Number: 8, Modifiers: 24}, {Final: 'y'}} {
		r.step(Input{Author: ana, Incarnation: 1, Seq: uint64(i + 1), Plain: envelope.Typing{Items: []envelope.InputItem{key}}.Append(nil)})
	}
	r.wantShell("")
}

// The keys of a person are.
func TestKeysThatLookLikeAnswersAreTyped(t *testing.T) {
	r := newHostRig(t)
	r.join(ana)
	want := ""
	for i, text := range []string{"\x1b", "\x1bb", "\x1b[A", "\x1bOP", "\x1b[1;5R", "\x1b[15~", "ls\r", "é\x1b[200~"} {
		r.in(ana, uint64(i+1), text)
		want += text
	}
	r.wantShell(want)
	r.step(Output{[]byte("\x1b[6n")}) // the model's own answer is typed
	r.wantShell(want + "\x1b[1;1R")
}

// What a program asked to be told of the mouse and the focus has the shape of an answer,
// and is typed; what stands around it is looked at as ever.
func TestReportsAreTyped(t *testing.T) {
	for _, tt := range []struct {
		modes, want string
	}{
		{"\x1b[?1000;1006h\x1b[?1004h", "a\x1b[<0;3;5Mb\x1b\x1b[I[24;80Rc"},
		{"\x1b[?1000h", "a\x1b[M #%bc"}, // no report is between the halves of the answer
		{"", "abc"},
	} {
		r := newHostRig(t)
		r.join(ana)
		r.step(Output{[]byte(tt.modes)})
		items := []envelope.InputItem{envelope.Typed{Data: []byte("a")}, envelope.Mouse{Col: 2, Row: 4}, envelope.Typed{Data: []byte("b\x1b")},
			envelope.Focus{In: true}, envelope.Typed{Data: []byte("[24;80Rc")}}
		r.step(Input{Author: ana, Incarnation: 1, Seq: 1, Plain: envelope.Typing{Items: items}.Append(nil)})
		r.wantShell(tt.want)
	}
}
