package main

import (
	"context"
	"crypto/rand"
	"fmt"
	"log/slog"
	"time"

	"gossterm/gossip"
	"gossterm/internal/id"
	"gossterm/internal/member"
	"gossterm/internal/node"
	"gossterm/internal/path"
	"gossterm/internal/ticket"
	"gossterm/internal/transport"
	"gossterm/internal/tty"
	"gossterm/session"
)

// partTime is how long a member that leaves stays for those who have the session
// from it.
const partTime = time.Second

// A joining is one run of 'gossterm join'.
type joining struct {
	std   stdio
	flags joinFlags
	log   *slog.Logger

	ticket    ticket.Ticket // that it joined with
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
	j.ticket, j.self = tick, secret.Peer()
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
	relays, err := j.flags.reach.joined(tick.Relays)
	if err != nil {
		return err
	}
	events := make(chan transport.Event)
	conf := transport.Config{Secret: secret, Inbox: events, Log: j.log.With("layer", "transport")}
	j.flags.reach.use(&conf, tick.Host, relays)
	if j.transport, err = transport.Listen(conf); err != nil {
		return fmt.Errorf("open a socket: %w", err)
	}
	var absent func(context.Context) bool
	if !j.flags.reach.relayOnly {
		absent = func(ctx context.Context) bool { return j.transport.Absent(ctx, tick.Host) }
	}
	j.node = node.NewMember(node.MemberConfig{
		OverlayConfig: node.OverlayConfig{
			Secret:  secret,
			Events:  events,
			Dial:    j.transport.Dial,
			Relayed: len(relays) > 0,
			Leaf:    j.flags.reach.noServe,
			Addrs:   j.transport.Addrs(),
			Log:     j.log.With("layer", "node"),
		},
		Joiner:     joiner,
		RejoinTime: j.flags.rejoinTime(),
		Refused:    path.Refused,
		Absent:     absent,
		Host:       gossip.Contact{Peer: tick.Host, Addrs: tick.Addrs},
		Via:        gossip.Contact{Peer: tick.Via.Peer, Addrs: tick.Via.Addrs},
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
		PanBy:    j.flags.escape.shown(),
		Panels:   j.panels(),
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
		if tree, err := j.node.Tree(); err == nil {
			printTree(j.std.err, tree)
		}
	}
	ctx, cancel := context.WithTimeout(context.Background(), partTime)
	j.node.Part(ctx)
	cancel()
	j.stopNode()
	<-j.nodeDone
	j.transport.Close(transport.Left)
}
