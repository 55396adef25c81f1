package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"syscall"

	"github.com/spf13/cobra"
	"golang.org/x/term"
)

// defaultDegree is how many members a host sends to, as a target; the others have the
// session from these.
const (
	defaultDegree = 16
	maxDegree     = 128
)

// hostFlags are what 'gossterm host' was told.
type hostFlags struct {
	listen            string
	readOnly, accept  bool
	size              size
	resize, history   choice
	name, log, idFile string
	quiet, stats      bool
	escape            escape
	nested            bool
	degree            int
	reach             reach
	noLAN             bool
}

func newHost(std stdio, status *int) *cobra.Command {
	f := hostFlags{escape: defaultEscape, resize: resizeChoice(), history: historyChoice()}
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
	fl.Var(&f.resize, "resize", "who sizes the shared terminal: you, or the smallest window of those who type, or that of who typed last")
	fl.Var(&f.history, "history", "what newcomers see of what was before: the screen and the lines above it, the screen, or nothing")
	fl.StringVar(&f.name, "name", defaultName(), "your `NAME`, as others see it")
	fl.BoolVarP(&f.quiet, "quiet", "q", false, "print one line, the ticket, and do not draw the session")
	fl.StringVar(&f.log, "log", "", "write what happens to `FILE`, never what is typed")
	fl.BoolVar(&f.stats, "stats", false, "print counters at the end")
	fl.StringVar(&f.idFile, "identity", "", "key `FILE`: the same file gives the same ticket, if the port is the same")
	fl.VarP(&f.escape, "escape", "e", "character that begins the keys of gossterm itself")
	f.reach.flags(fl, true)
	fl.BoolVar(&f.noLAN, "no-lan", false, "do not answer to a name on this network")
	fl.BoolVar(&f.nested, "nested", false, "allow hosting inside a shared session")
	fl.IntVar(&f.degree, "degree", defaultDegree, "how many members the host itself sends to, as a target")
	_ = fl.MarkHidden("degree") // it is there
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
	if f.degree < 1 || f.degree > maxDegree {
		return 0, usage(fmt.Errorf("--degree %d", f.degree), fmt.Sprintf("from 1 to %d", maxDegree))
	}
	relays, err := f.reach.hosted()
	if err != nil {
		return 0, err
	}
	hasTerminal := term.IsTerminal(int(std.in.Fd())) && term.IsTerminal(int(std.out.Fd()))
	if !hasTerminal && !f.accept {
		return 0, usage(errors.New("host: there is no terminal to ask on who may join"),
			"give --accept to let in everybody who has a ticket")
	}
	spareMemory()
	if len(argv) == 0 {
		argv = []string{defaultShell()}
	}
	if err := findCommand(argv); err != nil {
		return 0, hostFailure(err)
	}
	log, closeLog, err := openLog(f.log)
	if err != nil {
		return 0, &failure{err: err, hint: "choose another file for --log", status: exitHost}
	}
	defer func() {
		if st := closeLog(); f.stats && f.log != "" {
			printStats(std.err, "log", st)
		}
	}()
	ctx, ended := untilSignal(ctx) // before anybody can know that there is something to end
	h := &hosting{std: std, flags: f, argv: argv, log: log, relays: relays, draw: hasTerminal && !f.quiet}
	status, err := h.run(ctx, listen)
	switch sig := ended(); {
	case sig != nil:
		return statusOf(sig), nil
	case err != nil:
		return 0, hostFailure(err)
	}
	return status, nil
}

// hostFailure gives an error of gossterm's own its status and a hint.
func hostFailure(err error) error {
	f := &failure{err: fmt.Errorf("host: %w", err), status: exitHost}
	switch {
	case errors.Is(err, fs.ErrPermission):
		f.hint = "check that the file may be used"
	case errors.Is(err, syscall.EADDRINUSE):
		f.hint = "choose another port with --listen, or none"
	}
	return f
}
