package main

import (
	"bytes"
	"context"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"fmt"
	"strings"

	"gossterm/internal/id"
	"gossterm/internal/lan"
	"gossterm/internal/member"
	"gossterm/session"
)

// A nearby is how a host is found on its own networks, by a name.
type nearby struct {
	name      string
	questions chan session.Question // for the host's own terminal; nil if there is none
	stop      context.CancelFunc
	done      chan struct{}
}

// openNearby begins to answer to a name. A machine on which that does not work hosts
// all the same.
func (h *hosting) openNearby(secret id.Secret) {
	if h.flags.noLAN || h.flags.reach.relayOnly { // the door shows an address
		return
	}
	name, err := nameFor(secret, h.flags.idFile != "")
	if err != nil {
		h.log.Warn("no name for this network", "err", err)
		return
	}
	n := nearby{name: name, done: make(chan struct{})}
	cfg := lan.Config{Name: name, Secret: secret, Log: h.log.With("layer", "lan")}
	if h.draw {
		n.questions = make(chan session.Question)
		cfg.Ask = h.askOwner
	}
	l, err := lan.Listen(cfg)
	if err != nil {
		h.log.Warn("not to be found on this network", "err", err)
		return
	}
	h.log.Info("nearby", "name", name)
	var ctx context.Context
	ctx, n.stop = context.WithCancel(context.Background())
	h.nearby = n
	go guard(func() {
		defer close(n.done)
		l.Serve(ctx)
	})
}

// close ends what openNearby began.
func (n *nearby) close() {
	if n.stop != nil {
		n.stop()
		<-n.done
	}
}

// nameFor draws a name, or, of a host that keeps its ticket, the one that goes with it.
func nameFor(secret id.Secret, kept bool) (string, error) {
	if !kept {
		return lan.DrawName(rand.Reader)
	}
	seed := secret.Seed()
	b, err := hkdf.Key(sha256.New, seed[:], nil, "gossterm/1 host name", sha256.Size)
	if err != nil {
		return "", err
	}
	return lan.DrawName(bytes.NewReader(b))
}

// waysIn returns a line for each way into the session, as it is pasted or told. The
// name is one only if there is somebody to ask.
func (h *hosting) waysIn() []string {
	lines := h.tickets()
	if h.nearby.questions == nil {
		return lines
	}
	return append([]string{"on this network: gossterm join " + h.nearby.name}, lines...)
}

// askOwner asks the owner about somebody at the door. It is the door's Ask.
func (h *hosting) askOwner(ctx context.Context, q lan.Question) (string, error) {
	answer := make(chan session.Answer, 1)
	ask := questionOf(q, h.flags.readOnly, h.flags.escape)
	ask.Answer, ask.Gone = answer, ctx.Done()
	select {
	case h.nearby.questions <- ask:
	case <-ctx.Done():
		return "", ctx.Err()
	}
	select {
	case a := <-answer:
		role, err := roleFor(a, mayType(q, h.flags.readOnly))
		h.log.Info("nearby", "from", q.From, "role", role, "err", err)
		if err != nil {
			return "", err
		}
		return h.ticketFor(role), nil
	case <-ctx.Done():
		return "", ctx.Err()
	}
}

// mayType reports whether the owner's yes lets somebody type.
func mayType(q lan.Question, readOnly bool) bool { return q.Role == id.Type && !readOnly }

// questionOf puts a question into words.
func questionOf(q lan.Question, readOnly bool, e escape) session.Question {
	who := member.CleanName(q.Name)
	keys, choices := "ywn", "y: may type, w: may watch, n: no"
	if !mayType(q, readOnly) {
		keys, choices = "yn", "y: may watch, n: no"
	}
	if e != 0 {
		choices += "; or, at the start of a line,"
		for _, k := range keys {
			choices += " " + e.String() + string(k)
		}
	}
	return session.Question{
		Who:     who,
		Text:    fmt.Sprintf("%s at %s asks to join, words: %s", who, q.From.WithZone(""), strings.Join(q.Words[:], " ")),
		Choices: choices,
	}
}

// roleFor returns what an answer lets somebody do, or why it lets him do nothing.
func roleFor(a session.Answer, mayType bool) (id.Role, error) {
	switch {
	case a == session.AnswerType && mayType:
		return id.Type, nil
	case a == session.AnswerType || a == session.AnswerWatch:
		return id.Watch, nil
	case a == session.AnswerNo:
		return 0, &lan.Refusal{Reason: "the host's owner said no"}
	case a == session.AnswerFull:
		return 0, &lan.Refusal{Late: true, Reason: "too many are waiting to be let in"}
	}
	return 0, &lan.Refusal{Late: true, Reason: "nobody answered at the host's terminal"}
}

// ticketFor returns the ticket of a role, with the addresses that work now.
func (h *hosting) ticketFor(role id.Role) string {
	t := h.ticket
	t.Addrs = h.transport.Addrs()
	if role != id.Type {
		t = t.Watch()
	}
	return t.String()
}
