package main

import (
	"context"
	"crypto/rand"
	"fmt"
	"log/slog"

	"gossterm/internal/id"
	"gossterm/internal/member"
	"gossterm/internal/node"
	"gossterm/internal/ticket"
	"gossterm/internal/transport"
	"gossterm/internal/tty"
	"gossterm/session"
)

// A joining is one run of 'gossterm join'.
type joining struct {
	std   stdio
	flags joinFlags
	log   *slog.Logger

	self      id.Peer
	transport *transport.Transport
	node      *node.Member
	stopNode  context.CancelFunc
	nodeDone  chan struct{}
	terminal  *terminal
	stats     session.MemberStats
}

// open makes this process's keys and begins to call the host.
func (j *joining) open(tick ticket.Ticket) error {
	secret, err := id.NewSecret(rand.Reader)
	if err != nil {
		return err
	}
	j.self = secret.Peer()
	cfg := member.JoinerConfig{Ticket: tick, Secret: secret, Name: j.flags.name}
	rand.Read(cfg.Nonce[:])
	rand.Read(cfg.MemberSecret[:])
	identity, err := identityOrNone(j.flags.idFile)
	if err != nil {
		return err
	}
	if !identity.IsZero() {
		v := member.VouchFor(identity, id.TopicOf(tick.Host), j.self)
		cfg.Vouch = &v
	}
	joiner, err := member.NewJoiner(cfg)
	if err != nil {
		return err
	}
	events := make(chan transport.Event)
	if j.transport, err = transport.Listen(transport.Config{Secret: secret, Inbox: events}); err != nil {
		return fmt.Errorf("open a socket: %w", err)
	}
	j.node = node.NewMember(node.MemberConfig{
		Joiner: joiner,
		Secret: secret,
		Addrs:  tick.Addrs,
		Dial:   j.transport.Dial,
		Events: events,
		Log:    j.log.With("layer", "node"),
	})
	ctx, cancel := context.WithCancel(context.Background())
	j.stopNode, j.nodeDone = cancel, make(chan struct{})
	go guard(func() {
		defer close(j.nodeDone)
		j.node.Run(ctx)
	})
	return nil
}

// run shows the session until it ends.
func (j *joining) run(ctx context.Context, tick ticket.Ticket) (session.JoinResult, error) {
	defer j.close()
	if err := j.open(tick); err != nil {
		return session.JoinResult{}, err
	}
	return j.show(ctx)
}

// show waits to be let in and then draws the session.
func (j *joining) show(ctx context.Context) (session.JoinResult, error) {
	if err := j.node.Joined(ctx); err != nil {
		return session.JoinResult{}, err
	}
	var err error
	j.terminal, err = openTerminal(j.std, tty.Options{Escape: byte(j.flags.escape), Commands: joinKeys}, j.log)
	if err != nil {
		return session.JoinResult{}, err
	}
	defer j.terminal.close()
	return session.Join(ctx, session.JoinConfig{
		Bus:      memberBus{remote{j.node}},
		Self:     session.Self{Key: j.self},
		Terminal: j.terminal,
		Help:     helpText(j.flags.escape, joinKeys, "leaves"),
		Log:      j.log.With("layer", "session"),
		Stats:    &j.stats,
	})
}

// close ends all that open and show began. It may be called at any stage.
func (j *joining) close() {
	if j.terminal != nil {
		j.terminal.close()
	}
	if j.transport == nil {
		return
	}
	if j.flags.stats {
		stats, _ := j.node.Stats()
		printStats(j.std.err, "session", j.stats)
		printStats(j.std.err, "node", stats)
	}
	j.stopNode()
	<-j.nodeDone
	j.transport.Close(transport.Left)
}
