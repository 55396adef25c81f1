//go:build linux

package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"math"
	"os"
	"strconv"
	"sync"

	"gossterm/internal/node"
	"gossterm/internal/ticket"
)

// Set for a process that is a crowd: how many members, and what they join with.
const (
	crowdSize   = "CROWD_SIZE"
	crowdTicket = "CROWD_TICKET"
)

// init makes the test's own program a crowd: many members in one process, each all that
// 'gossterm join' is but for the terminal. It prints a line for each that sees the
// session, and ends when its input does.
func init() {
	n, err := strconv.Atoi(os.Getenv(crowdSize))
	if err != nil {
		return
	}
	if err := runCrowd(n, os.Getenv(crowdTicket)); err != nil {
		fmt.Fprintln(os.Stderr, "crowd:", err)
		os.Exit(1)
	}
	os.Exit(0)
}

// runCrowd joins n members at once, and follows the session with each of them.
func runCrowd(n int, text string) error {
	tick, err := ticket.Parse(text)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(context.Background())
	var all sync.WaitGroup
	failed := make(chan error, n)
	said := make(chan string, n)
	for i := range n {
		all.Go(func() {
			if err := followAlone(ctx, i, tick, said); err != nil {
				failed <- fmt.Errorf("member %d: %w", i, err)
			}
		})
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		io.Copy(io.Discard, os.Stdin)
	}()
	for going := true; going; {
		select {
		case line := <-said:
			fmt.Println(line)
		case err = <-failed: // the others go on
			fmt.Fprintln(os.Stderr, err)
		case <-ended:
			going = false
		}
	}
	cancel()
	all.Wait()
	return err
}

// followAlone is one member of a crowd: it says when it sees the session, and reads all that
// comes until ctx ends.
func followAlone(ctx context.Context, i int, tick ticket.Ticket, said chan<- string) error {
	j := &joining{log: slog.New(slog.DiscardHandler), flags: joinFlags{name: fmt.Sprintf("m%d", i)}}
	defer j.close()
	if err := j.open(tick); err != nil {
		return err
	}
	if err := j.node.Joined(ctx); ctx.Err() != nil {
		return nil
	} else if err != nil {
		return err
	}
	bell := make(chan struct{}, 1)
	if err := j.node.Attach(node.MemberPorts{State: func(node.State) {}, Bell: func() {
		select {
		case bell <- struct{}{}:
		default: // it rings already
		}
	}}); err != nil {
		return err
	}
	for after := uint64(0); ; {
		recs, err := j.node.Read(after, math.MaxUint64)
		if err != nil {
			return err
		}
		if len(recs) > 0 {
			if after == 0 {
				said <- "in"
			}
			after = recs[len(recs)-1].Seq
			continue
		}
		select {
		case <-bell:
		case <-ctx.Done():
			return nil
		}
	}
}
