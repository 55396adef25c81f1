package gossip

import (
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"
	"time"

	"gossterm/internal/id"
)

// A rig runs one State by lines of text and answers with what it did. Peers are
// letters; h is the host.
type rig struct {
	t   *testing.T
	s   *State
	now time.Time
}

// newRig returns a rig whose peer behaves as in the papers.
func newRig(t *testing.T, self string, c Config) *rig {
	c.Paper = true
	return productRig(t, self, c)
}

func productRig(t *testing.T, self string, c Config) *rig {
	c.Self, c.Host, c.Rand = peer(self), peer("h"), rand.NewPCG(1, 2)
	now := time.Unix(0, 0)
	return &rig{t, New(now, c), now}
}

func peer(s string) id.Peer { return id.Peer{s[0]} }

func name(p id.Peer) string {
	if p.IsZero() {
		return "-"
	}
	return string(p[:1])
}

func contacts(s string) []Contact {
	var cs []Contact
	for i := range len(s) {
		cs = append(cs, Contact{Peer: id.Peer{s[i]}})
	}
	return cs
}

func letters(cs []Contact) string {
	var b strings.Builder
	for _, c := range cs {
		b.WriteString(name(c.Peer))
	}
	return b.String()
}

// do runs one line and returns the actions, a line each.
func (r *rig) do(line string) []string {
	f := strings.Fields(line)
	if f[0] == "wait" {
		d, err := time.ParseDuration(f[1])
		if err != nil {
			r.t.Fatal(err)
		}
		return r.wait(d)
	}
	return r.step(r.event(f))
}

// run runs lines and returns the actions of the last.
func (r *rig) run(lines ...string) []string {
	var out []string
	for _, l := range lines {
		out = r.do(l)
	}
	return out
}

func (r *rig) step(ev Event) []string {
	var out []string
	for _, a := range r.s.Step(r.now, ev) {
		out = append(out, action(a))
	}
	return out
}

// wait lets time pass, with a tick at each deadline.
func (r *rig) wait(d time.Duration) []string {
	var out []string
	end := r.now.Add(d)
	for n := 0; ; n++ {
		at, ok := r.s.Deadline()
		if !ok || at.After(end) {
			r.now = end
			return out
		}
		if n > 10000 {
			r.t.Fatal("a deadline that does not move")
		}
		if at.After(r.now) {
			r.now = at
		}
		out = append(out, r.step(Tick{})...)
	}
}

func (r *rig) num(s string) uint64 {
	n, err := strconv.ParseUint(s, 10, 64)
	if err != nil {
		r.t.Fatal(err)
	}
	return n
}

func (r *rig) event(f []string) Event {
	arg := func(i int) string {
		if i < len(f) {
			return f[i]
		}
		return ""
	}
	switch f[0] {
	case "up":
		return LinkUp{peer(f[1])}
	case "down":
		return LinkDown{peer(f[1])}
	case "silent":
		return LinkSilent{peer(f[1])}
	case "back":
		return LinkBack{peer(f[1])}
	case "reset":
		return LinkReset{peer(f[1])}
	case "enter":
		return Enter{Contact{Peer: peer(f[1])}}
	case "append":
		return Append{record(r.num(f[1]), arg(2) == "part")}
	case "head":
		h := Head{From: peer(f[1]), Beat: r.num(f[2]), Through: r.num(f[3])}
		if len(f) > 4 {
			h.Version = r.num(f[4])
		}
		return h
	case "members":
		return Members{peer(f[1]), r.num(f[2])}
	case "serve":
		return Serve{peer(f[1]), r.num(f[2])}
	case "keep":
		return Keep{peer(f[1]), true}
	case "unkeep":
		return Keep{peer(f[1]), false}
	case "done":
		return LinkDone{peer(f[1])}
	case "submit":
		return Submit{input(f[1], r.num(f[2])), arg(3) == "again"}
	case "knock":
		return Knock{Request{Matter: ToJoin, Peer: peer(f[1])}}
	case "goodinput":
		return InputChecked{peer(f[1]), peer(f[2]), 1, r.num(f[3]), Good}
	case "badinput":
		return InputChecked{peer(f[1]), peer(f[2]), 1, r.num(f[3]), Bad}
	case "unknowninput":
		return InputChecked{peer(f[1]), peer(f[2]), 1, r.num(f[3]), Unknown}
	case "good":
		return Checked{peer(f[1]), r.num(f[2]), Good}
	case "bad":
		return Checked{peer(f[1]), r.num(f[2]), Bad}
	case "unknown":
		return Checked{peer(f[1]), r.num(f[2]), Unknown}
	case "leave":
		return Leave{}
	}
	return Recv{peer(f[0]), r.message(f[1:])}
}

func input(author string, seq uint64) Input {
	return Input{Author: peer(author), Incarnation: 1, Seq: seq, Bytes: make([]byte, 150)}
}

func record(seq uint64, part bool) Record {
	rec := Record{Seq: seq, Bytes: make([]byte, 100)}
	if part {
		rec.Part, rec.Parts = 1, 1
	}
	return rec
}

func (r *rig) message(f []string) Msg {
	line := strings.Join(f, " ")
	n := func(i int) uint64 { return r.num(f[i]) }
	list := func(i int) []Contact {
		if i < len(f) {
			return contacts(f[i])
		}
		return nil
	}
	switch f[0] {
	case "join":
		return Join{}
	case "forward":
		return ForwardJoin{uint8(n(1)), Contact{Peer: peer(f[2])}}
	case "ask":
		return Neighbor{Step: Ask, Degree: uint8(n(1)), High: strings.HasSuffix(line, "high")}
	case "accept":
		return Neighbor{Step: Accept, Degree: uint8(n(1))}
	case "refuse":
		return Neighbor{Step: Refuse, Degree: uint8(n(1))}
	case "disconnect":
		return Disconnect{Reason(n(1))}
	case "shuffle":
		return Shuffle{uint8(n(1)), Contact{Peer: peer(f[2])}, list(3)}
	case "reply":
		return ShuffleReply{peer(f[1]), list(2)}
	case "gossip":
		parent := "h"
		if _, of, is := strings.Cut(line, " of "); is {
			parent = of
		}
		return Gossip{Repair: strings.Contains(line, "repair"), Skip: strings.Contains(line, "skip"),
			Parent: peer(parent), Depth: 1, Rec: record(n(1), strings.Contains(line, "part"))}
	case "ihave":
		h := IHave{Through: n(1), Degree: 5, Depth: 1, Parent: peer("h")}
		if len(f) > 2 {
			h.Parent = peer(f[2])
		}
		return h
	case "graft":
		return Graft{n(1)}
	case "prune":
		return Prune{}
	case "pull":
		return Pull{n(1), n(2)}
	case "want":
		return Want{n(1)}
	case "request":
		return Request{Hops: uint8(n(2)), Matter: ToJoin, Peer: peer(f[1])}
	case "answer":
		return Answer{Peer: peer(f[1])}
	case "input":
		m := input(f[1], n(2))
		if len(f) > 3 {
			m.Hops = uint8(n(3))
		}
		return m
	}
	r.t.Fatalf("no message %q", line)
	return nil
}

func action(a Action) string {
	switch a := a.(type) {
	case Send:
		return name(a.To) + " <- " + text(a.Msg)
	case Dial:
		return "dial " + name(a.Contact.Peer)
	case CloseLink:
		return "close " + name(a.Peer) + " " + a.Reason.String()
	case Check:
		return fmt.Sprintf("check %s %d", name(a.From), a.Rec.Seq)
	case Grew:
		return fmt.Sprintf("grew %d", a.Through)
	case PassHead:
		return "head to " + name(a.To)
	case PassMembers:
		return "members to " + name(a.To)
	case CheckInput:
		return fmt.Sprintf("checkinput %s %s %d", name(a.From), name(a.Input.Author), a.Input.Seq)
	case Asked:
		return fmt.Sprintf("asked %s %s", name(a.From), name(a.Request.Peer))
	case Answered:
		return "answered " + name(a.Answer.Peer)
	case ViewUp:
		return "neighbor " + name(a.Peer)
	case ViewDown:
		return "lost " + name(a.Peer) + " " + a.Reason.String()
	case ParentIs:
		return "parent " + name(a.Peer)
	}
	return fmt.Sprintf("?%T", a)
}

func text(m Msg) string {
	on := func(b bool, s string) string {
		if b {
			return " " + s
		}
		return ""
	}
	switch m := m.(type) {
	case Join:
		return "join"
	case ForwardJoin:
		return fmt.Sprintf("forward %d %s", m.TTL, name(m.Joiner.Peer))
	case Neighbor:
		return [...]string{"?", "ask", "accept", "refuse"}[m.Step] + fmt.Sprintf(" %d", m.Degree) + on(m.High, "high")
	case Disconnect:
		return "disconnect " + m.Reason.String()
	case Shuffle:
		return fmt.Sprintf("shuffle %d %s %s", m.TTL, name(m.Origin.Peer), letters(m.Entries))
	case ShuffleReply:
		return fmt.Sprintf("reply %s %s", name(m.Origin), letters(m.Entries))
	case Gossip:
		return fmt.Sprintf("gossip %d", m.Rec.Seq) + on(m.Rec.Part == 1, "part") + on(m.Repair, "repair") + on(m.Skip, "skip")
	case IHave:
		return fmt.Sprintf("ihave %d %s", m.Through, name(m.Parent))
	case Graft:
		return fmt.Sprintf("graft %d", m.From)
	case Prune:
		return "prune"
	case Pull:
		return fmt.Sprintf("pull %d %d", m.From, m.To)
	case Want:
		return fmt.Sprintf("want %d", m.Version)
	case Request:
		return fmt.Sprintf("request %s %d", name(m.Peer), m.Hops)
	case Answer:
		return "answer " + name(m.Peer)
	case Input:
		return fmt.Sprintf("input %s %d %d", name(m.Author), m.Seq, m.Hops)
	}
	return fmt.Sprintf("?%T", m)
}
