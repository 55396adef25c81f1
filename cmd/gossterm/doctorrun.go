package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"gossterm/internal/doctor"
	"gossterm/internal/id"
	"gossterm/internal/lan"
	"gossterm/internal/ticket"
)

// An examination is one run of 'gossterm doctor'.
type examination struct {
	relays                []id.Relay
	word                  string // the ticket, or ""
	patience, udpPatience time.Duration
	std                   stdio

	ticket    ticket.Ticket
	ticketErr error
	tag       id.Topic // under which relays are asked to take us
	say       func(doctor.Check)
	facts     doctor.Facts
	report    doctor.Report
}

// run checks all at once, says each result in the same order as soon as it is there,
// and reports whether a session from here can work.
func (e *examination) run(ctx context.Context, say func(doctor.Check)) (works bool) {
	ctx, cancel := context.WithTimeout(ctx, e.patience)
	defer cancel()
	e.say = say
	e.readTicket()

	own := ownAddresses()
	udp := openProbe()
	defer udp.close()
	self := soon(func() bool { return udp.self(ctx, own) })
	var relays []*relayExam
	for _, r := range e.relays {
		relays = append(relays, e.examine(ctx, udp, r))
	}
	defer func() {
		cancel()
		for _, r := range relays {
			r.end()
		}
	}()
	near := soon(func() doctor.LAN { return lookNear(ctx) })
	ways := e.tryAll(ctx, relays)
	defer func() { // before the relays end
		cancel()
		for _, w := range ways {
			w.answer.get()
		}
	}()

	e.addresses(own)
	e.udp(udp, self, relays)
	e.relayChecks(relays)
	e.nat(own, udp, relays)
	e.add(near.get().Check())
	e.add(doctor.Clock(reference(relays)))
	e.add(lookTerminal(e.std).Check())
	e.ways(ways)
	e.report.Verdict, works = e.facts.Verdict()
	return works
}

// readTicket reads the ticket; its relays are asked, too.
func (e *examination) readTicket() {
	e.tag = id.Topic(randomKey())
	if e.facts.Ticket.Given = e.word != ""; !e.facts.Ticket.Given {
		return
	}
	e.ticket, e.ticketErr = ticket.Parse(e.word)
	if e.ticketErr != nil {
		e.facts.Ticket.Broken = true
		return
	}
	e.tag = id.TopicOf(e.ticket.Host)
	for _, r := range e.ticket.Relays {
		if !slices.Contains(e.relays, r) {
			e.relays = append(e.relays, r)
		}
	}
}

// add notes a check and says it. Words of others cannot draw on the terminal.
func (e *examination) add(c doctor.Check) {
	c.Text, c.Hint = oneLine(c.Text), oneLine(c.Hint)
	e.report.Checks = append(e.report.Checks, c)
	e.say(c)
}

func (e *examination) addresses(own addresses) {
	e.facts.Network = len(doctor.Usable(own.all)) > 0
	e.facts.Public = slices.ContainsFunc(own.all, doctor.Public)
	e.add(doctor.Addresses(own.all, own.outward))
}

func (e *examination) udp(udp *probe, self *later[bool], relays []*relayExam) {
	f := doctor.UDP{Err: udp.err, Self: self.get(), Asked: len(relays)}
	for _, r := range relays {
		if r.udp.get().err == nil {
			f.Answered++
		} else if err := r.udp.get().sent; err != nil {
			f.Sent = err
		}
		f.TCP = f.TCP || r.tcp.get().err == nil
	}
	e.facts.UDP = f.Self && (f.Answered > 0 || !f.TCP)
	e.add(f.Check())
}

func (e *examination) relayChecks(relays []*relayExam) {
	e.facts.Relays = len(relays)
	for _, r := range relays {
		f := r.facts()
		if f.Reg.OK {
			e.facts.Taken++
		}
		for _, c := range f.Checks() {
			e.add(c)
		}
	}
}

func (e *examination) nat(own addresses, udp *probe, relays []*relayExam) {
	var seen []doctor.Seen
	for _, r := range relays {
		if a := r.udp.get(); a.err == nil {
			seen = append(seen, doctor.Seen{By: a.by, At: a.at})
		}
	}
	e.facts.NAT = doctor.NATOf(own.all, udp.port(), seen)
	e.add(e.facts.NAT.Check(seen, len(relays) > 0))
}

// ways says what is in the ticket, and what came of the ways to its session.
func (e *examination) ways(ways []wayExam) {
	if !e.facts.Ticket.Given {
		return
	}
	e.add(e.ticketCheck())
	for _, w := range ways {
		a := w.answer.get()
		ok := a.err == nil
		reach := &e.facts.Ticket
		switch {
		case w.member:
			reach.Member = reach.Member || ok
		case w.relay != nil:
			reach.Relayed = reach.Relayed || ok
		default:
			reach.Direct = reach.Direct || ok
		}
		reach.Other = reach.Other || a.other
		e.add(w.check(a))
	}
}

// ticketCheck says what is in the ticket, but for its secret.
func (e *examination) ticketCheck() doctor.Check {
	c := doctor.Check{Name: "ticket"}
	if e.ticketErr != nil {
		c.Status, c.Text = doctor.Fail, e.ticketErr.Error()
		if c.Hint = hintIn(ticketFailure(e.ticketErr)); lan.LooksLikeName(e.word) {
			c.Hint = "a short name is found on its own network alone: gossterm join " + strings.TrimSpace(e.word)
		}
		return c
	}
	t := e.ticket
	by := "the host " + t.Host.Tag()
	if !t.Via.Peer.IsZero() {
		by = fmt.Sprintf("the member %s, for the host %s", t.Via.Peer.Tag(), t.Host.Tag())
	}
	c.Text = fmt.Sprintf("to %s, made by %s; of what age a ticket does not say", t.Role, by)
	if len(t.Addrs)+len(t.Relays)+len(t.Via.Addrs) == 0 {
		c.Status, c.Text = doctor.Fail, c.Text+"; it names no address and no relay"
		c.Hint = "ask the host for a ticket that it shows once it has a network"
	}
	return c
}

// hintIn returns the hint of a failure, or "".
func hintIn(err error) string {
	if f, ok := errors.AsType[*failure](err); ok {
		return f.hint
	}
	return ""
}

// A later is the result of something that goes on meanwhile.
type later[T any] struct {
	done chan struct{}
	v    T
}

// soon begins f.
func soon[T any](f func() T) *later[T] {
	l := &later[T]{done: make(chan struct{})}
	go guard(func() {
		defer close(l.done)
		l.v = f()
	})
	return l
}

// get waits for the result.
func (l *later[T]) get() T {
	<-l.done
	return l.v
}

// randomKey draws 32 bytes.
func randomKey() (b [32]byte) {
	rand.Read(b[:]) // never fails
	return b
}
