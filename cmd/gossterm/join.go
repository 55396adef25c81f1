package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"gossterm/internal/ticket"
)

// ticketVar is the environment's ticket.
const ticketVar = envPrefix + "TICKET"

// joinFlags are what 'gossterm join' was told.
type joinFlags struct {
	name, log, idFile string
	stats             bool
	escape            escape
	nested            bool
	reach             reach
	rejoin            time.Duration // how long a host out of reach is waited for
	noRejoin          bool
}

// defaultRejoin is as a node's: a partition or a sleep of any usual length is survived,
// and a person leaves when it is enough.
const defaultRejoin = 24 * time.Hour

func newJoin(std stdio, status *int) *cobra.Command {
	f := joinFlags{escape: defaultEscape}
	cmd := &cobra.Command{
		Use:   "join [flags] TICKET|NAME",
		Short: "Join a shared terminal",
		Long: `Join a shared terminal by its ticket, or by the name of a host on this network,
such as brave-otter-42. The owner of a host lets in who comes by name; before that
both see the same four words.

A - reads the ticket from the first line of standard input, GOSSTERM_TICKET gives
it in the environment; both keep it out of the list of processes.

At the start of a line ~. leaves, ~? lists the keys, ~p shows the people, ~s the
status, ~i a ticket that names this machine too, ~~ types a tilde and ~^Z suspends;
~ and an arrow key moves a window that is smaller than the terminal.`,
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
	f.reach.flags(fl, false)
	fl.BoolVar(&f.noRejoin, "no-rejoin", false, "end as soon as the host is out of reach")
	fl.DurationVar(&f.rejoin, "rejoin-timeout", defaultRejoin, "give a host up that is out of reach for this `TIME`, as in 90s or 10m")
	fl.BoolVar(&f.nested, "nested", false, "allow joining inside a shared session")
	return cmd
}

// rejoinTime returns how long a host out of reach is waited for, as a node takes it.
func (f *joinFlags) rejoinTime() time.Duration {
	if f.noRejoin {
		return -1
	}
	return f.rejoin
}

// join runs 'gossterm join' and returns the exit status.
func join(ctx context.Context, std stdio, f joinFlags, args []string) (int, error) {
	if f.rejoin <= 0 {
		return 0, usage(fmt.Errorf("--rejoin-timeout %v", f.rejoin), "as in --rejoin-timeout 10m; not to wait at all is --no-rejoin")
	}
	word, err := ticketWord(std, args)
	if err != nil {
		return 0, err
	}
	if err := refuseNested(f.nested, exitLost); err != nil {
		return 0, err
	}
	to, err := destinationOf(word)
	if err != nil {
		return 0, err
	}
	if !term.IsTerminal(int(std.out.Fd())) {
		return 0, usage(errors.New("join: standard output is no terminal"), "run it in a terminal, without redirecting its output")
	}
	log, closeLog, err := openLog(f.log)
	if err != nil {
		return 0, &failure{err: err, hint: "choose another file for --log", status: exitLost}
	}
	defer func() {
		if st := closeLog(); f.stats && f.log != "" {
			printStats(std.err, "log", st)
		}
	}()
	ctx, ended := untilSignal(ctx)
	j := &joining{std: std, flags: f, log: log}
	res, err := j.runTo(ctx, to)
	switch sig := ended(); {
	case sig != nil:
		return statusOf(sig), nil
	case err != nil:
		return 0, joinFailure(err)
	}
	return goodbye(std.err, res)
}

// ticketWord returns the ticket as it was given, and takes it out of the
// environment.
func ticketWord(std stdio, args []string) (string, error) {
	env := os.Getenv(ticketVar)
	os.Unsetenv(ticketVar)
	switch {
	case len(args) == 1 && args[0] == "-":
		return firstLine(std, "join")
	case len(args) == 1:
		return args[0], nil
	case env != "":
		return env, nil
	}
	return "", usage(errors.New("join: no ticket"), "the host prints one: gossterm join gst1...")
}

// firstLine returns the first line of standard input, which is the ticket for a command.
func firstLine(std stdio, command string) (string, error) {
	line, err := bufio.NewReaderSize(std.in, 1).ReadString('\n')
	if err != nil && line == "" {
		return "", usage(errors.New(command+": no ticket on standard input"), "the first line is the ticket")
	}
	return line, nil
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
