package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"

	"gossterm/internal/lab"
)

// An options is what the command line said.
type options struct {
	gossterm string
	logs     string
	names    lab.Names
	short    bool
	list     bool
	json     bool
	slack    int
}

// command runs the lab and returns the exit status. The outer process makes the
// namespaces and waits; the lab is in the inner one.
func command(args []string, out, errs io.Writer) int {
	var o options
	fs := flag.NewFlagSet("natlab", flag.ContinueOnError)
	fs.SetOutput(errs)
	fs.StringVar(&o.gossterm, "gossterm", "gossterm", "the program, as a path or a name in PATH")
	fs.StringVar(&o.logs, "logs", "", "keep logs and screens of each case in this directory")
	fs.Var(&o.names, "case", "only this case; may be repeated, a * stands for anything")
	fs.BoolVar(&o.short, "short", false, "only the cases of continuous integration")
	fs.BoolVar(&o.list, "list", false, "list the cases")
	fs.BoolVar(&o.json, "json", false, "print one JSON object a case")
	fs.IntVar(&o.slack, "slack", 1, "targets of time are so many times as long, on a busy machine")
	if err := fs.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			return 0
		}
		return exitFailed
	}
	chosen, err := o.choose(trials())
	switch {
	case err == nil && fs.NArg() > 0:
		err = fmt.Errorf("%q is no flag", fs.Arg(0))
	case err == nil && o.list:
		listTrials(out, chosen)
		return 0
	case err == nil && !lab.Isolated():
		return outer(args, out, errs)
	case err == nil:
		return inner(o, chosen, out, errs)
	}
	fmt.Fprintln(errs, "natlab: error:", err)
	return exitFailed
}

// within returns the trial with targets of time n times as long.
func (t trial) within(n int) trial {
	t.direct *= time.Duration(n)
	t.stall *= time.Duration(n)
	t.slack = n
	return t
}

// choose returns the trials that were asked for.
func (o options) choose(all []trial) ([]trial, error) {
	return lab.Choose(o.names, all, func(t trial) string { return t.name }, func(t trial) bool { return t.short || !o.short })
}

// outer runs the lab in namespaces of its own.
func outer(args []string, out, errs io.Writer) int {
	status, err := lab.Outer(args, out, errs)
	switch {
	case errors.Is(err, lab.ErrNoNamespaces):
		return skip(out, err)
	case err != nil:
		fmt.Fprintln(errs, "natlab: error:", err)
		return exitFailed
	}
	return status
}

// skip says why nothing can be shown here, which is no failure.
func skip(out io.Writer, why error) int {
	fmt.Fprintln(out, "natlab: skipped:", why)
	return 0
}

// inner plays the trials one after the other.
func inner(o options, chosen []trial, out, errs io.Writer) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	defer stop()
	if err := possible(); err != nil {
		return skip(out, err)
	}
	dir, err := os.MkdirTemp("", "natlab")
	if err != nil {
		fmt.Fprintln(errs, "natlab: error:", err)
		return exitFailed
	}
	defer os.RemoveAll(dir)
	status := 0
	var results []result
	for i, t := range chosen {
		t = t.within(o.slack)
		fmt.Fprintf(errs, "natlab: %d of %d: %s\n", i+1, len(chosen), t.name)
		r := play(ctx, o, dir, t, errs)
		if ctx.Err() != nil {
			status = exitFailed
			break
		}
		if o.json {
			json.NewEncoder(out).Encode(r)
		}
		results = append(results, r)
		switch {
		case r.Failure != "":
			status = exitFailed
		case len(r.Missed) > 0:
			status = max(status, exitMissed)
		}
	}
	if !o.json {
		io.WriteString(out, table(results))
	}
	return status
}
