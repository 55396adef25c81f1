// Command gossip-bench measures gossip between real processes on one machine.
//
//	gossip-bench run
//	   ├── gossip-bench host              orders down, news up,
//	   ├── gossip-bench member TICKET     a JSON object a line
//	   └── gossip-bench member TICKET
//
// Each process is one peer, with the node that gossterm runs and with no session:
// the host's log carries messages with the time at which they were sent. All
// processes read the same monotonic clock, so the latencies are one way.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := command(ctx, os.Args[1:]); err != nil {
		if !errors.Is(err, flag.ErrHelp) {
			fmt.Fprintln(os.Stderr, "gossip-bench: error:", err)
		}
		os.Exit(2)
	}
}

// command does what the first argument says.
func command(ctx context.Context, args []string) error {
	if err := supported(); err != nil {
		return err
	}
	if len(args) == 0 {
		return errors.New("say run, stopped, host or member")
	}
	switch args[0] {
	case "run":
		return run(ctx, args[1:], os.Stdout)
	case "stopped":
		return runStopped(ctx, args[1:], os.Stdout)
	case "host":
		return runHost(ctx, args[1:], os.Stdin, os.Stdout)
	case "member":
		return runMember(ctx, args[1:], os.Stdin, os.Stdout)
	}
	return fmt.Errorf("%q is not run, stopped, host or member", args[0])
}
