package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"gossterm/internal/id"
	"gossterm/internal/lan"
	"gossterm/internal/member"
	"gossterm/internal/ticket"
	"gossterm/session"
)

// A destination is what 'gossterm join' was given: a ticket, or the name of a host on
// this network.
type destination struct {
	ticket ticket.Ticket
	name   string // "" with a ticket
}

// destinationOf reads the word given to 'gossterm join'.
func destinationOf(word string) (destination, error) {
	if !lan.LooksLikeName(word) {
		t, err := ticket.Parse(word)
		if err != nil {
			return destination{}, ticketFailure(err)
		}
		return destination{ticket: t}, nil
	}
	name, err := lan.ParseName(word)
	if err != nil {
		return destination{}, &failure{fmt.Errorf("join: %w", err), "type the name as the host shows it, or paste the ticket", exitLost}
	}
	return destination{name: name}, nil
}

// runTo joins the session at to, and shows it until it ends.
func (j *joining) runTo(ctx context.Context, to destination) (session.JoinResult, error) {
	if to.name != "" {
		t, err := j.knock(ctx, to.name)
		if err != nil {
			return session.JoinResult{}, err
		}
		to.ticket = t
	}
	return j.run(ctx, to.ticket)
}

// knock finds the host of a name on this network and asks it for a ticket.
func (j *joining) knock(ctx context.Context, name string) (ticket.Ticket, error) {
	if j.flags.reach.relayOnly {
		return ticket.Ticket{}, usage(errors.New("join: --relay-only hides your address, and asking by name shows it"), "use the ticket")
	}
	secret, err := id.NewSecret(rand.Reader)
	if err != nil {
		return ticket.Ticket{}, err
	}
	found, err := lan.Find(ctx, name)
	if err != nil {
		return ticket.Ticket{}, nameFailure(name, err)
	}
	if len(found) > 1 {
		return ticket.Ticket{}, severalFailure(name, found)
	}
	host := found[0]
	word, err := lan.Knock(ctx, host, secret, member.CleanName(j.flags.name), id.Type, func(words [4]string) {
		fmt.Fprintf(j.std.err, "gossterm: found %s at %s\n", name, placeOf(host))
		fmt.Fprintf(j.std.err, "gossterm: the host must see these words, tell them: %s\n", strings.Join(words[:], " "))
		fmt.Fprintln(j.std.err, "gossterm: waiting for the host to let you in")
	})
	if err != nil {
		return ticket.Ticket{}, nameFailure(name, err)
	}
	t, err := ticket.Parse(word)
	if err == nil && t.Host != host.Host {
		err = errors.New("it is for another host")
	}
	if err != nil {
		return ticket.Ticket{}, nameFailure(name, fmt.Errorf("the ticket that it gave: %w", err))
	}
	t.Addrs = withDoors(t.Addrs, host.Doors)
	return t, nil
}

// withDoors puts where a host answered to its name before the addresses of its
// ticket: a ticket has none that mean something on one network only.
func withDoors(addrs, doors []netip.AddrPort) []netip.AddrPort {
	if len(addrs) == 0 {
		return nil // it hides them
	}
	var out []netip.AddrPort
	for _, d := range doors {
		out = append(out, netip.AddrPortFrom(d.Addr(), addrs[0].Port()))
	}
	for _, a := range addrs {
		if !slices.Contains(out, a) {
			out = append(out, a)
		}
	}
	return out
}

// placeOf returns where a host is, as people see it.
func placeOf(f lan.Found) string { return f.Doors[0].Addr().WithZone("").String() }

// severalFailure says who all answers to one name.
func severalFailure(name string, found []lan.Found) error {
	places := make([]string, len(found))
	for i, f := range found {
		places[i] = placeOf(f)
	}
	return &failure{
		fmt.Errorf("join: %d hosts answer to %s: at %s", len(found), name, strings.Join(places, ", ")),
		"ask for the ticket: somebody may pretend to be the host", exitLost,
	}
}

// nameFailure gives an error of joining by name its status and a hint.
func nameFailure(name string, err error) error {
	f := &failure{err: fmt.Errorf("join: %s: %w", name, err), status: exitLost, hint: "ask for the ticket: it works from everywhere"}
	refusal, refused := errors.AsType[*lan.Refusal](err)
	_, forged := errors.AsType[*lan.KeyError](err)
	switch {
	case errors.Is(err, lan.ErrNotFound):
		f.hint = "are both on the same network? A guest WiFi keeps its devices apart. Ask for the ticket: it works without"
	case refused && refusal.Late:
		f.status, f.hint = exitRefused, "try again, or ask for the ticket"
	case refused:
		f.status, f.hint = exitRefused, ""
	case forged:
		f.hint = "somebody may pretend to be the host: ask for the ticket"
	}
	return f
}
