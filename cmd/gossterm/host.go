package main

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/netip"
	"os"
	"os/exec"
	"syscall"
	"time"

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

// lastWords is how long a host that ends waits for its members to have seen the end.
const lastWords = 2 * time.Second

// hostFlags are what 'gossterm host' was told.
type hostFlags struct {
	listen            string
	readOnly, accept  bool
	size              size
	name, log, idFile string
	quiet, stats      bool
	escape            escape
	nested            bool
}

func newHost(std stdio, status *int) *cobra.Command {
	f := hostFlags{escape: defaultEscape}
	cmd := &cobra.Command{
		Use:   "host [flags] [-- CMD [ARG...]]",
		Short: "Run a shell, or CMD, and share it",
		Long: `Run a shell, or CMD, on a terminal of its own and share it.

Prints a ticket for people who may type and one for people who may watch. Who
holds the typing ticket can run any command as you.`,
		Example: "  gossterm host\n  gossterm host --read-only -- htop\n  gossterm host --accept --quiet --size 100x30 -- bash",
		Args:    cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			if n := cmd.ArgsLenAtDash(); n != 0 && len(args) > 0 {
				return usage(fmt.Errorf("host: unexpected %q", args[0]), "put the command to share behind --, as in 'gossterm host -- htop'")
			}
			var err error
			*status, err = host(cmd.Context(), std, f, args)
			return err
		},
	}
	fl := cmd.Flags()
	fl.StringVar(&f.listen, "listen", "", "UDP `ADDR` to listen on (default: all interfaces, any port)")
	fl.BoolVarP(&f.readOnly, "read-only", "r", false, "nobody but you types: there is no typing ticket")
	fl.BoolVar(&f.accept, "accept", false, "let ticket holders in without asking; required without a terminal")
	fl.Var(&f.size, "size", "size of the shared terminal (default: your terminal's, or 80x24)")
	fl.StringVar(&f.name, "name", defaultName(), "your `NAME`, as others see it")
	fl.BoolVarP(&f.quiet, "quiet", "q", false, "print one line, the ticket, and do not draw the session")
	fl.StringVar(&f.log, "log", "", "write what happens to `FILE`, never what is typed")
	fl.BoolVar(&f.stats, "stats", false, "print counters at the end")
	fl.StringVar(&f.idFile, "identity", "", "key `FILE`: the same file gives the same ticket, if the port is the same")
	fl.VarP(&f.escape, "escape", "e", "character that begins the keys of gossterm itself")
	fl.BoolVar(&f.nested, "nested", false, "allow hosting inside a shared session")
	return cmd
}

// host runs 'gossterm host' and returns the exit status.
func host(ctx context.Context, std stdio, f hostFlags, argv []string) (int, error) {
	if err := refuseNested(f.nested, exitHost); err != nil {
		return 0, err
	}
	listen, err := listenAddr(f.listen)
	if err != nil {
		return 0, usage(fmt.Errorf("--listen %s: %w", f.listen, err), "as in --listen 192.0.2.7:4000 or --listen :4000")
	}
	hasTerminal := term.IsTerminal(int(std.in.Fd())) && term.IsTerminal(int(std.out.Fd()))
	if !hasTerminal && !f.accept {
		return 0, usage(errors.New("host: there is no terminal to ask on who may join"),
			"give --accept to let in everybody who has a ticket")
	}
	if len(argv) == 0 {
		argv = []string{defaultShell()}
	}
	log, closeLog, err := openLog(f.log)
	if err != nil {
		return 0, &failure{err: err, hint: "choose another file for --log", status: exitHost}
	}
	defer closeLog()
	h := &hosting{std: std, flags: f, argv: argv, log: log, draw: hasTerminal && !f.quiet}
	defer h.close()
	if err := h.open(listen); err != nil {
		return 0, hostFailure(err)
	}
	h.invite()
	status, err := h.run(ctx)
	if err != nil {
		return 0, hostFailure(err)
	}
	return status, nil
}

// hostFailure gives an error of gossterm's own its status and a hint.
func hostFailure(err error) error {
	f := &failure{err: fmt.Errorf("host: %w", err), status: exitHost}
	switch {
	case errors.Is(err, exec.ErrNotFound), errors.Is(err, fs.ErrNotExist):
		f.hint = "check the name of the command behind --, or $SHELL"
	case errors.Is(err, fs.ErrPermission):
		f.hint = "check that the file may be used"
	case errors.Is(err, syscall.EADDRINUSE):
		f.hint = "choose another port with --listen, or none"
	}
	return f
}

// A hosting is one run of 'gossterm host'.
type hosting struct {
	std   stdio
	flags hostFlags
	argv  []string
	log   *slog.Logger
	draw  bool

	ticket    ticket.Ticket
	transport *transport.Transport
	node      *node.Host
	terminal  *tty.Terminal
	stopNode  context.CancelFunc
	nodeDone  chan struct{}

	hostStats   session.HostStats
	memberStats session.MemberStats
}

// open makes the keys and the ticket, and starts to listen.
func (h *hosting) open(listen netip.AddrPort) error {
	secret, tick, err := hostKeys(h.flags.idFile)
	if err != nil {
		return err
	}
	events := make(chan transport.Event)
	h.transport, err = transport.Listen(transport.Config{Secret: secret, Listen: listen, Inbox: events})
	if err != nil {
		return fmt.Errorf("listen: %w", err)
	}
	tick.Addrs = h.transport.Addrs()
	h.ticket = tick
	cfg := member.HostConfig{Secret: secret, Incarnation: randomNumber(), Name: h.flags.name, Ticket: tick, ReadOnly: h.flags.readOnly}
	rand.Read(cfg.EpochKey[:])
	h.node = node.NewHost(node.HostConfig{
		Secret:    secret,
		Admission: member.NewHost(cfg),
		Events:    events,
		Log:       h.log.With("layer", "node"),
	})
	ctx, cancel := context.WithCancel(context.Background())
	h.stopNode, h.nodeDone = cancel, make(chan struct{})
	go guard(nil, func() {
		defer close(h.nodeDone)
		h.node.Run(ctx)
	})
	h.log.Info("listening", "topic", id.TopicOf(secret.Peer()).String()[:8], "addrs", fmt.Sprint(tick.Addrs))
	return nil
}

// randomNumber returns a random number that is not 0.
func randomNumber() uint64 {
	var b [8]byte
	rand.Read(b[:])
	return max(binary.BigEndian.Uint64(b[:]), 1)
}

// invite prints how to join. It is all that happens before the session is drawn.
func (h *hosting) invite() {
	watch := h.ticket.Watch()
	if h.flags.quiet {
		t := h.ticket
		if h.flags.readOnly {
			t = watch
		}
		fmt.Fprintln(h.std.out, t.String())
		return
	}
	if !h.flags.readOnly {
		fmt.Fprintf(h.std.err, "to type:   gossterm join %s\n", h.ticket.String())
	}
	fmt.Fprintf(h.std.err, "to watch:  gossterm join %s\n", watch.String())
}

// run runs the session, and the host's own terminal in it, until the command
// ends, and returns the exit status.
func (h *hosting) run(ctx context.Context) (int, error) {
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
	// What is shown outlives the signal that ends the session, so that its end is drawn.
	showing, hide := context.WithCancel(context.WithoutCancel(ctx))
	defer hide()
	cols, rows := h.size()
	sizes := make(chan session.Resized, 1)
	joined := make(chan error, 1)
	if h.draw {
		if err := h.openTerminal(); err != nil {
			return 0, err
		}
		if h.flags.size == (size{}) {
			cols, rows = terminal{t: h.terminal}.Size()
		}
		bus, err := h.local()
		if err != nil {
			return 0, err
		}
		go guard(h.terminal, func() { joined <- h.show(showing, cancel, bus, sizes) })
	} else {
		joined <- nil
	}
	status, err := session.Host(ctx, session.HostConfig{
		Bus:   hostBus{h.node},
		Start: startShell(h.argv),
		Cols:  cols,
		Rows:  rows,
		Sizes: sizes,
		Log:   h.log.With("layer", "session"),
		Stats: &h.hostStats,
	})
	if err != nil { // no end of the session will be recorded
		hide()
	}
	localErr := <-joined
	cancel()
	<-signalled
	h.farewell()
	if ended != nil {
		return statusOf(ended), nil
	}
	if err != nil {
		return 0, err
	}
	if localErr != nil {
		h.log.Warn("own terminal", "err", localErr)
	}
	return exitOf(status), nil
}

// exitOf returns the exit status for that of a command, -N for signal N.
func exitOf(status int32) int {
	if status < 0 {
		return exitSignal - int(status)
	}
	return int(status)
}

// size returns the shell's size without a terminal.
func (h *hosting) size() (cols, rows int) {
	if h.flags.size != (size{}) {
		return h.flags.size.cols, h.flags.size.rows
	}
	return 80, 24
}

func (h *hosting) openTerminal() error {
	t, err := tty.Open(h.std.in, h.std.out)
	if err != nil {
		return err
	}
	h.terminal = t
	return t.Raw()
}

// A localBus is the host's own terminal as a member.
type localBus struct {
	bus memberBus
	key id.Peer
}

func (h *hosting) local() (localBus, error) {
	secret, err := id.NewSecret(rand.Reader)
	if err != nil {
		return localBus{}, err
	}
	var input [32]byte
	rand.Read(input[:])
	l, err := h.node.Local(secret.Peer(), h.flags.name, input)
	return localBus{memberBus{l}, secret.Peer()}, err
}

// show draws the session on the host's own terminal. Leaving it ends the session.
func (h *hosting) show(ctx context.Context, cancel func(), l localBus, sizes chan session.Resized) error {
	res, err := session.Join(ctx, session.JoinConfig{
		Bus:      l.bus,
		Self:     session.Self{Key: l.key},
		Terminal: newTerminal(h.terminal, h.flags.escape),
		Resized:  func(cols, rows int) { h.resized(sizes, cols, rows) },
		Help:     helpText(h.flags.escape, "ends the session"),
		Log:      h.log.With("layer", "terminal"),
		Stats:    &h.memberStats,
	})
	h.terminal.Close()
	if res.Way != session.WayEnded {
		cancel()
	}
	return err
}

// resized gives the session the size of the host's terminal, unless it was told
// one.
func (h *hosting) resized(sizes chan session.Resized, cols, rows int) {
	if h.flags.size == (size{}) {
		newest(sizes, session.Resized{Cols: cols, Rows: rows})
	}
}

// farewell lets the members see the end, for a while.
func (h *hosting) farewell() {
	alone, err := h.node.Alone()
	if err != nil {
		return
	}
	select {
	case <-alone:
	case <-time.After(lastWords):
	}
}

// close ends all that open and run began. It may be called at any stage.
func (h *hosting) close() {
	if h.terminal != nil {
		h.terminal.Close()
	}
	if h.transport != nil {
		if h.flags.stats {
			h.printStats()
		}
		h.stopNode()
		<-h.nodeDone
		h.transport.Close(transport.Ended)
	}
}

// printStats prints what each layer counted.
func (h *hosting) printStats() {
	stats, _ := h.node.Stats()
	printStats(h.std.err, "session", h.hostStats)
	if h.draw {
		printStats(h.std.err, "terminal", h.memberStats)
	}
	printStats(h.std.err, "node", stats)
}
