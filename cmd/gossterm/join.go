package main

import (
	"bufio"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"os"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"gossterm/internal/id"
	"gossterm/internal/member"
	"gossterm/internal/node"
	"gossterm/internal/ticket"
	"gossterm/internal/transport"
	"gossterm/internal/tty"
	"gossterm/session"
)

// ticketVar is the environment's ticket.
const ticketVar = envPrefix + "TICKET"

// joinFlags are what 'gossterm join' was told.
type joinFlags struct {
	name, log, idFile string
	stats             bool
	escape            escape
	nested            bool
}

func newJoin(std stdio, status *int) *cobra.Command {
	f := joinFlags{escape: defaultEscape}
	cmd := &cobra.Command{
		Use:   "join [flags] TICKET",
		Short: "Join a shared terminal",
		Long: `Join a shared terminal by its ticket.

A - reads the ticket from the first line of standard input, GOSSTERM_TICKET gives
it in the environment; both keep it out of the list of processes.

At the start of a line ~. leaves, ~? lists the keys, ~~ types a tilde and ~^Z
suspends.`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			var err error
			*status, err = join(cmd.Context(), std, f, args)
			return err
		},
	}
	fl := cmd.Flags()
	fl.StringVar(&f.name, "name", defaultName(), "your `NAME`, as others see it")
	fl.StringVar(&f.log, "log", "", "write what happens to `FILE`, never what is typed")
	fl.BoolVar(&f.stats, "stats", false, "print counters at the end")
	fl.StringVar(&f.idFile, "identity", "", "key `FILE` that vouches for you (default: the one that 'gossterm id' made, if any)")
	fl.VarP(&f.escape, "escape", "e", "character that begins the keys of gossterm itself")
	fl.BoolVar(&f.nested, "nested", false, "allow joining inside a shared session")
	return cmd
}

// join runs 'gossterm join' and returns the exit status.
func join(ctx context.Context, std stdio, f joinFlags, args []string) (int, error) {
	word, err := ticketWord(std, args)
	if err != nil {
		return 0, err
	}
	if err := refuseNested(f.nested, exitLost); err != nil {
		return 0, err
	}
	tick, err := ticket.Parse(word)
	if err != nil {
		return 0, ticketFailure(err)
	}
	if !term.IsTerminal(int(std.out.Fd())) {
		return 0, usage(errors.New("join: standard output is no terminal"), "run it in a terminal, without redirecting its output")
	}
	log, closeLog, err := openLog(f.log)
	if err != nil {
		return 0, &failure{err: err, hint: "choose another file for --log", status: exitLost}
	}
	defer closeLog()
	j := &joining{std: std, flags: f, log: log}
	defer j.close()
	if err := j.open(tick); err != nil {
		return 0, &failure{err: fmt.Errorf("join: %w", err), status: exitLost}
	}
	return j.run(ctx)
}

// ticketWord returns the ticket as it was given, and takes it out of the
// environment.
func ticketWord(std stdio, args []string) (string, error) {
	env := os.Getenv(ticketVar)
	os.Unsetenv(ticketVar)
	switch {
	case len(args) == 1 && args[0] == "-":
		line, err := bufio.NewReaderSize(std.in, 1).ReadString('\n')
		if err != nil && line == "" {
			return "", usage(errors.New("join: no ticket on standard input"), "the first line is the ticket")
		}
		return line, nil
	case len(args) == 1:
		return args[0], nil
	case env != "":
		return env, nil
	}
	return "", usage(errors.New("join: no ticket"), "the host prints one: gossterm join gst1...")
}

// ticketFailure says what is wrong with a ticket, and what to do.
func ticketFailure(err error) error {
	f := &failure{err: fmt.Errorf("join: %w", err), status: exitLost, hint: "copy the whole ticket again, from gst1 or gsr1 to its end"}
	if v, ok := errors.AsType[*ticket.VersionError](err); ok {
		f.hint = "this ticket is of another version of gossterm: use that one here"
		if v.Got > v.Want {
			f.hint = "this ticket is of a newer gossterm: update this one"
		}
	}
	return f
}

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
	terminal  *tty.Terminal
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
	go func() {
		defer close(j.nodeDone)
		j.node.Run(ctx)
	}()
	return nil
}

// run shows the session until it ends, and returns the exit status.
func (j *joining) run(ctx context.Context) (int, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	signals, stop := endSignals()
	defer stop()
	var ended os.Signal
	signalled := make(chan struct{})
	go func() {
		defer close(signalled)
		select {
		case ended = <-signals:
			cancel()
		case <-ctx.Done():
		}
	}()
	res, err := j.show(ctx)
	cancel()
	<-signalled
	if ended != nil {
		return statusOf(ended), nil
	}
	if err != nil {
		return 0, joinFailure(err)
	}
	return j.goodbye(res)
}

// show waits to be let in and then draws the session.
func (j *joining) show(ctx context.Context) (session.JoinResult, error) {
	if err := j.node.Joined(ctx); err != nil {
		return session.JoinResult{}, err
	}
	t, err := tty.Open(j.std.in, j.std.out)
	if err != nil {
		return session.JoinResult{}, err
	}
	j.terminal = t
	if err := t.Raw(); err != nil {
		return session.JoinResult{}, err
	}
	var res session.JoinResult
	guard(t, func() {
		res, err = session.Join(ctx, session.JoinConfig{
			Bus:      memberBus{remote{j.node}},
			Self:     session.Self{Key: j.self},
			Terminal: newTerminal(t, j.flags.escape),
			Help:     helpText(j.flags.escape, "leaves"),
			Log:      j.log.With("layer", "session"),
			Stats:    &j.stats,
		})
	})
	t.Close()
	return res, err
}

// goodbye says how it ended and returns the exit status.
func (j *joining) goodbye(res session.JoinResult) (int, error) {
	if res.Unconfirmed > 0 {
		fmt.Fprintf(j.std.err, "gossterm: %d bytes you typed last are not known to be typed\n", res.Unconfirmed)
	}
	switch res.Way {
	case session.WayLeft:
		fmt.Fprintln(j.std.err, "gossterm: left the session")
		return exitOK, nil
	case session.WayOver:
		return 0, joinFailure(res.Err)
	case session.WayStopped:
		return 0, &failure{err: fmt.Errorf("join: %w", res.Err), status: exitLost}
	}
	status := exitOf(res.Status)
	fmt.Fprintf(j.std.err, "gossterm: the session ended with status %d\n", status)
	return status, nil
}

// joinFailure gives an error its status and a hint.
func joinFailure(err error) error {
	f := &failure{err: fmt.Errorf("join: %w", err), status: exitLost}
	switch {
	case errors.Is(err, node.ErrRefused):
		f.status, f.hint = exitRefused, "ask the host for a new ticket"
	case errors.Is(err, node.ErrRemoved):
		f.status = exitRefused
	case errors.Is(err, transport.ErrVersion):
		f.hint = "host and joiner need the same version of gossterm: see 'gossterm version' on both"
	case errors.Is(err, transport.ErrKey):
		f.hint = "another session listens there now: ask the host for a new ticket"
	case errors.Is(err, node.ErrLost):
		f.hint = "the same ticket works again once the host can be reached"
	default:
		if _, ok := errors.AsType[*transport.DialError](err); ok {
			f.hint = "is the session still running, and can its machine be reached from here by UDP? It must be on the same network, have a public address, or forward the port"
		}
	}
	return f
}

// close ends all that open and show began. It may be called at any stage.
func (j *joining) close() {
	if j.terminal != nil {
		j.terminal.Close()
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
