package main

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"math"
	"time"

	"gossterm/gossip"
	"gossterm/internal/id"
	"gossterm/internal/member"
	"gossterm/internal/node"
	"gossterm/internal/ticket"
	"gossterm/internal/transport"
)

// partTime is how long a member that leaves stays for those who have the log from it.
const partTime = time.Second

// A viewer is a process that follows the log, with a node but no session.
type viewer struct {
	node   *node.Member
	tell   *teller
	bell   chan struct{}
	states chan node.State

	state  node.State
	joined bool
	log    *log

	typing typing
	seq    uint64 // of the newest input
}

// runMember is the process 'gossip-bench member'. It leaves when there are no more
// orders.
func runMember(ctx context.Context, args []string, in io.Reader, out io.Writer) error {
	fs := flag.NewFlagSet("gossip-bench member", flag.ContinueOnError)
	key := fs.String("key", "", "64 hexadecimal digits, the seed of its key; drawn if empty")
	apart := fs.Bool("apart", false, "never have a link to the host")
	if err := fs.Parse(args); err != nil {
		return err
	}
	tick, err := ticket.Parse(fs.Arg(0))
	if err != nil {
		return err
	}
	secret, err := secretOf(*key)
	if err != nil {
		return err
	}
	v := &viewer{tell: newTeller(out), bell: make(chan struct{}, 1), states: make(chan node.State, 1), log: newLog()}
	defer v.tell.close()
	cfg := member.JoinerConfig{Ticket: tick, Secret: secret, Name: "member"}
	rand.Read(cfg.Nonce[:])
	rand.Read(cfg.MemberSecret[:])
	joiner, err := member.NewJoiner(cfg)
	if err != nil {
		return err
	}
	events := make(chan transport.Event)
	t, err := transport.Listen(transport.Config{Secret: secret, Listen: loopback, Inbox: events})
	if err != nil {
		return fmt.Errorf("listen: %w", err)
	}
	defer t.Close(transport.Left)
	own := tick
	own.Via = ticket.Contact{Peer: secret.Peer(), Addrs: t.Addrs()}
	v.tell.say(news{What: isReady, Ticket: own.String(), Peer: secret.Peer().Tag()})
	dial := t.Dial
	if *apart {
		dial = except(t.Dial, tick.Host.String())
	}
	v.node = node.NewMember(node.MemberConfig{
		OverlayConfig: node.OverlayConfig{Secret: secret, Events: events, Dial: dial, Addrs: t.Addrs(), Log: slog.New(watch{v.tell})},
		Joiner:        joiner,
		Host:          gossip.Contact{Peer: tick.Host, Addrs: tick.Addrs},
		Via:           gossip.Contact{Peer: tick.Via.Peer, Addrs: tick.Via.Addrs},
	})
	stop := start(v.node.Run)
	defer stop()
	return v.serve(ctx, in)
}

// secretOf returns the key of a seed in hexadecimal, or a new one.
func secretOf(seed string) (id.Secret, error) {
	if seed == "" {
		return id.NewSecret(rand.Reader)
	}
	b, err := hex.DecodeString(seed)
	if err != nil || len(b) != 32 {
		return id.Secret{}, fmt.Errorf("%q is no seed", seed)
	}
	return id.SecretFromSeed([32]byte(b)), nil
}

// serve attaches to the node, follows the log and does what is ordered.
func (v *viewer) serve(ctx context.Context, in io.Reader) error {
	err := v.node.Attach(node.MemberPorts{
		Bell: func() {
			select {
			case v.bell <- struct{}{}:
			default: // it rings already
			}
		},
		State: func(s node.State) {
			select {
			case <-v.states: // an older one
			default:
			}
			v.states <- s
		},
	})
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	orders := listen(ctx, in)
	timer := time.NewTimer(time.Hour)
	defer timer.Stop()
	for {
		select {
		case <-v.bell:
			err = v.read()
		case s := <-v.states:
			err = v.stand(s)
		case o, more := <-orders:
			if !more {
				v.leave()
				return nil
			}
			err = v.obey(o)
		case <-timer.C:
		}
		if err == nil {
			err = v.typeDue(time.Now())
		}
		if err != nil {
			return err
		}
		timer.Reset(v.typing.wait(time.Now()))
	}
}

// leave goes, after what others have from here.
func (v *viewer) leave() {
	ctx, cancel := context.WithTimeout(context.Background(), partTime)
	defer cancel()
	v.node.Part(ctx)
}

// stand notes how the member stands.
func (v *viewer) stand(s node.State) error {
	v.state = s
	if s.Joined && !v.joined {
		v.joined = true
		v.tell.say(news{What: isJoined})
	}
	if s.Over != nil {
		v.tell.say(news{What: isOver, Message: s.Over.Error()})
	}
	return nil
}

// read reads all that is there.
func (v *viewer) read() error {
	for {
		recs, err := v.node.Read(v.log.cursor, math.MaxUint64)
		if err != nil {
			return fmt.Errorf("read after %d: %w", v.log.cursor, err)
		}
		if len(recs) == 0 {
			return nil
		}
		now := monotonic() // when the reader has them
		if v.log.cursor == 0 {
			v.tell.say(news{What: isFirst})
		}
		for _, r := range recs {
			if run := v.log.record(r.Seq, r.Plain, now); run != 0 {
				v.tell.say(news{What: isDone, Run: run})
			}
		}
		if v.log.alien > 0 {
			return fmt.Errorf("%d records are none of the benchmark's", v.log.alien)
		}
	}
}

// obey does what run asks for.
func (v *viewer) obey(o order) error {
	switch o.Do {
	case doType:
		v.typing = typing{order: o, base: v.seq, begun: time.Now()}
	case doCount:
		v.tell.say(news{What: isCount, Run: o.Run, Tally: v.log.of(o.Run).copied()})
	case doPlace:
		t, err := v.node.Tree()
		if err != nil {
			return err
		}
		v.tell.say(news{What: isPlace, Depth: t.Depth, Parent: t.Parent.Tag(), Serves: len(t.Children())})
	}
	return nil
}
