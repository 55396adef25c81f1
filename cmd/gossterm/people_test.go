package main

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"gossterm/gossip"
	"gossterm/internal/id"
	"gossterm/internal/member"
	"gossterm/internal/node"
	"gossterm/internal/path"
	"gossterm/internal/screen"
	"gossterm/internal/transport"
	"gossterm/session"
)

// somebody returns a made-up key whose tag is n in hexadecimal, as "00n0".
func somebody(n byte) id.Peer { return id.Peer{0, n << 4, 1} }

// row makes a row of a membership; a capital W in flags is who watches, A who is away.
func row(n byte, name, flags string) member.Row {
	r := member.Row{Peer: somebody(n), Incarnation: 1, Name: name, Role: id.Type, State: member.Here}
	if strings.Contains(flags, "W") {
		r.Role = id.Watch
	}
	if strings.Contains(flags, "A") {
		r.State = member.Away
	}
	return r
}

// ownTerminal is the row of the host's own terminal.
func ownTerminal() member.Row {
	r := row(2, "Zoe", "")
	r.State = member.Own
	return r
}

func linkTo(n byte, via path.Kind, rtt time.Duration) node.LinkStats {
	return node.LinkStats{Peer: somebody(n), Stats: transport.Stats{Via: via, RTT: rtt}}
}

// seen makes a crowd: the host is 1 and called Zoe, its own terminal is 2.
func seen(own byte, parent byte, links []node.LinkStats, rows ...member.Row) crowd {
	c := crowd{host: somebody(1), own: somebody(own), hub: own == 2}
	c.Members = &member.Membership{Name: "Zoe", Rows: append([]member.Row{ownTerminal()}, rows...)}
	c.Links = links
	if parent > 0 {
		c.Place = gossip.Place{Parent: somebody(parent)}
	}
	return c
}

func TestPeople(t *testing.T) {
	silent := linkTo(1, path.Relayed, 0)
	silent.Silent = true
	for _, c := range []struct {
		desc string
		in   crowd
		want string
	}{{
		desc: "at the host: itself first, others by name, each by its way",
		in: seen(2, 0, []node.LinkStats{linkTo(5, path.LAN, 1310*time.Microsecond), linkTo(4, path.Relayed, 48*time.Millisecond)},
			row(3, "dan", ""), row(4, "bob", "W"), row(5, "ana", ""), row(6, "cyd", "A")),
		want: "Zoe·0010  host     you\n" +
			"ana·0050  types    lan 1.3 ms\n" +
			"bob·0040  watches  relay 48 ms\n" +
			"cyd·0060  types    away\n" +
			"dan·0030  types    via others",
	}, {
		desc: "at a host with one neighbor everybody else is behind that",
		in:   seen(2, 0, []node.LinkStats{linkTo(3, path.Direct, 23400*time.Microsecond)}, row(3, "ana", ""), row(4, "bob", "")),
		want: "Zoe·0010  host     you\nana·0030  types    direct 23 ms\nbob·0040  types    via ana·0030",
	}, {
		desc: "at a member without a link to the host",
		in:   seen(4, 3, []node.LinkStats{linkTo(3, path.LAN, 400*time.Microsecond), linkTo(5, path.Direct, 0)}, row(3, "ana", ""), row(4, "bob", "W"), row(5, "cyd", "A")),
		want: "Zoe·0010  host     via ana·0030\n" +
			"ana·0030  types    lan 0.4 ms\n" +
			"bob·0040  watches  you\n" +
			"cyd·0050  types    away, direct",
	}, {
		desc: "who has nothing of the log yet, but a link to the host",
		in:   seen(3, 0, []node.LinkStats{linkTo(4, path.LAN, 0), linkTo(1, path.LAN, 0)}, row(3, "ana", "")),
		want: "Zoe·0010  host     lan\nana·0030  types    you",
	}, {
		desc: "a silent link is said, and leads to nobody",
		in:   seen(3, 1, []node.LinkStats{silent}, row(3, "ana", ""), row(4, "bob", "")),
		want: "Zoe·0010  host     relay, silent\nana·0030  types    you\nbob·0040  types    out of reach",
	}, {
		desc: "without a parent, through one of several members",
		in:   seen(3, 0, []node.LinkStats{linkTo(4, path.LAN, 0), linkTo(5, path.LAN, 0)}, row(3, "ana", ""), row(4, "bob", ""), row(5, "cyd", "")),
		want: "Zoe·0010  host     via others\nana·0030  types    you\nbob·0040  types    lan\ncyd·0050  types    lan",
	}, {
		desc: "a member that has lost everybody",
		in:   seen(3, 0, nil, row(3, "ana", "A")),
		want: "Zoe·0010  host     out of reach\nana·0030  types    you",
	}, {
		desc: "names are cleaned, and one that looks like a line is one name",
		in:   seen(2, 0, nil, row(3, "x\x1b[2J\ny  host  you·00", "")),
		want: "Zoe·0010                    host     you\nx[2J y host you00·0030  types    out of reach",
	}} {
		got := strings.Join(c.in.lines(session.View{Cols: 80, Rows: 24}), "\n")
		if c.desc == "names are cleaned, and one that looks like a line is one name" {
			got = squeeze(got)
			c.want = squeeze(c.want)
		}
		if got != c.want {
			t.Errorf("%s: got\n%s\nwant\n%s", c.desc, got, c.want)
		}
	}
	if got := (crowd{}).lines(session.View{Cols: 80, Rows: 24}); len(got) != 0 {
		t.Errorf("before there is a membership: %q", got)
	}
}

// squeeze makes each run of three or more blanks two.
func squeeze(s string) string {
	for strings.Contains(s, "   ") {
		s = strings.ReplaceAll(s, "   ", "  ")
	}
	return s
}

// On a link that was replaced while it was silent, the new one counts.
func TestAHeardLinkCountsBeforeASilentOne(t *testing.T) {
	old := linkTo(3, path.Relayed, 0)
	old.Silent = true
	for _, links := range [][]node.LinkStats{{old, linkTo(3, path.LAN, 0)}, {linkTo(3, path.LAN, 0), old}} {
		c := seen(2, 0, links, row(3, "ana", ""))
		if got := c.lines(session.View{Cols: 80, Rows: 24})[1]; !strings.HasSuffix(got, "  lan") {
			t.Errorf("got %q", got)
		}
	}
}

func TestPeopleFitTheTerminal(t *testing.T) {
	long := func(n int) string { return strings.Repeat("w", n) }
	rows := []member.Row{row(3, long(32), "A"), row(4, "Зоя"+long(9), "W")}
	for n := byte(5); n < 16; n++ {
		rows = append(rows, row(n, fmt.Sprintf("p%02d%s", n, long(int(n))), ""))
	}
	c := seen(5, 3, []node.LinkStats{linkTo(3, path.Direct, 123*time.Millisecond)}, rows...)
	const all = 14
	for _, cols := range []int{200, 80, 60, 40, 33, 20, 10, 2} {
		for _, rows := range []int{24, 17, 16, 10, 5, 4, 3, 2, 1} {
			v := session.View{Cols: cols, Rows: rows}
			got := c.lines(v)
			if used := rowsOf(got, cols); cols >= 20 && used > max(rows-spareRows, 1) {
				t.Errorf("%dx%d: %d rows", cols, rows, used)
			}
			for _, line := range got {
				if n := screen.TextWidth(line); n > cols && cols >= 40 {
					t.Errorf("%dx%d: %d columns: %q", cols, rows, n, line)
				}
			}
			var more int
			switch last := got[len(got)-1]; {
			case len(got) == all:
				continue
			case len(got) == 1 && last == "14 people":
				more = all
			default:
				if _, err := fmt.Sscanf(last, "and %d more", &more); err != nil {
					t.Fatalf("%dx%d: the last line is %q", cols, rows, last)
				}
				more += len(got) - 1
			}
			if more != all {
				t.Errorf("%dx%d: %d people in all, want %d: %q", cols, rows, more, all, got)
			}
		}
	}
	if got := c.lines(session.View{Cols: 80, Rows: 24}); len(got) != all {
		t.Errorf("%d of %d lines on 24 rows", len(got), all)
	}
	if got := c.lines(session.View{Cols: 80, Rows: 8}); len(got) != 6 || got[5] != "and 9 more" {
		t.Errorf("on 8 rows: %q", got)
	}
}

func TestShortName(t *testing.T) {
	for _, c := range []struct {
		name string
		room int
		want string
	}{
		{"ana·3f9a", 8, "ana·3f9a"},
		{"anabel·3f9a", 9, "anab·3f9a"},
		{"Зоя Петрова·3f9a", 9, "Зоя ·3f9a"},
		{"anabel·3f9a", 3, "·3f9a"},
		{"3f9a", 2, "3f"},
	} {
		if got := shortName(c.name, c.room); got != c.want {
			t.Errorf("%s in %d: got %q, want %q", c.name, c.room, got, c.want)
		}
	}
}

func TestHelpFits(t *testing.T) {
	for _, e := range []escape{'~', 1, '%'} {
		for _, k := range []struct{ keys, leave string }{{hostKeys, "ends the session"}, {joinKeys, "leaves"}} {
			lines := helpText(e, k.keys, k.leave)
			for _, line := range lines {
				if len(line) > 80 {
					t.Errorf("%d columns: %s", len(line), line)
				}
			}
			text := strings.Join(lines, "\n")
			want := []string{" and an arrow", ". " + k.leave, "p people", "s status", "i tickets"}
			if strings.ContainsRune(k.keys, suspendKey) {
				want = append(want, "^Z suspends")
			}
			for _, w := range want {
				if !strings.Contains(text, e.String()+w) {
					t.Errorf("%q is not in %q", e.String()+w, text)
				}
			}
		}
	}
}

// Each panel's key is one that the terminal takes for a command.
func TestPanelKeysAreCommands(t *testing.T) {
	for _, p := range panelsOf(nil, nil, nil, nil) {
		for _, keys := range []string{hostKeys, joinKeys} {
			if !slices.Contains([]byte(keys), p.Key) {
				t.Errorf("%c is not among %q", p.Key, keys)
			}
		}
	}
}
