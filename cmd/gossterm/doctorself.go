package main

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"net"
	"net/netip"
	"os"
	"runtime"

	"golang.org/x/term"

	"gossterm/internal/doctor"
	"gossterm/internal/id"
	"gossterm/internal/lan"
	"gossterm/internal/path"
)

// addresses are those of this machine.
type addresses struct {
	all     []netip.Addr // of the interfaces
	outward []netip.Addr // from which it would send to the internet
}

func ownAddresses() addresses {
	own := addresses{outward: path.Outward()}
	found, _ := net.InterfaceAddrs() // without any: none
	for _, a := range found {
		if p, err := netip.ParsePrefix(a.String()); err == nil {
			own.all = append(own.all, p.Addr().Unmap().WithZone(""))
		}
	}
	return own
}

// lookNear asks all on the own networks for a name drawn for this, and answers to it:
// does the question come back?
func lookNear(ctx context.Context) (f doctor.LAN) {
	f.Interfaces = multicasting()
	if len(f.Interfaces) == 0 {
		return f
	}
	name, err := lan.DrawName(rand.Reader)
	if err != nil {
		return doctor.LAN{Interfaces: f.Interfaces, Err: err}
	}
	secret := id.SecretFromSeed(randomKey())
	l, err := lan.Listen(lan.Config{Name: name, Secret: secret}) // nobody is let in
	if err != nil {
		return doctor.LAN{Interfaces: f.Interfaces, Err: err}
	}
	serving, stop := context.WithCancel(ctx)
	served := soon(func() bool { l.Serve(serving); return true })
	found, err := lan.Find(ctx, name)
	stop()
	served.get()
	for _, h := range found {
		for _, d := range h.Doors {
			// By its loopback a machine is asked without any multicast.
			if h.Host == secret.Peer() && !d.Addr().IsLoopback() {
				f.Back = append(f.Back, d.Addr().WithZone(""))
			}
		}
	}
	if err != nil && !errors.Is(err, lan.ErrNotFound) && ctx.Err() == nil {
		f.Err = err
	}
	return f
}

// multicasting returns the interfaces that are up, have an address and know multicast,
// but loopback.
func multicasting() (names []string) {
	all, _ := net.Interfaces() // without any: none
	for _, i := range all {
		if i.Flags&net.FlagUp == 0 || i.Flags&net.FlagMulticast == 0 || i.Flags&net.FlagLoopback != 0 {
			continue
		}
		if addrs, err := i.Addrs(); err == nil && len(addrs) > 0 {
			names = append(names, i.Name)
		}
	}
	return names
}

// lookTerminal looks at the terminal that std is.
func lookTerminal(std stdio) doctor.Terminal {
	t := doctor.Terminal{
		In: term.IsTerminal(int(std.in.Fd())), Out: term.IsTerminal(int(std.out.Fd())),
		Type:      os.Getenv("TERM"),
		Locale:    cmp.Or(os.Getenv("LC_ALL"), os.Getenv("LC_CTYPE"), os.Getenv("LANG")),
		NeedsUTF8: runtime.GOOS != "windows",
		Nested:    os.Getenv("GOSSTERM") != "",
	}
	if runtime.GOOS == "windows" {
		t.Type = cmp.Or(t.Type, "(Windows console)") // it needs none
	}
	if t.Out {
		if cols, rows, err := term.GetSize(int(std.out.Fd())); err == nil {
			t.Cols, t.Rows = cols, rows
		}
	}
	switch {
	case os.Getenv("TMUX") != "":
		t.Within = "tmux"
	case os.Getenv("STY") != "":
		t.Within = "screen"
	}
	return t
}
