package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"time"

	"gossterm/internal/lab"
)

// runsUsually is how many runs of a case there are. In a short run shortFlood is how
// many bytes a flood has, and jobsShort how many cases are played at a time.
const (
	runsUsually = 3
	jobsShort   = 4
	shortFlood  = 8 << 20
)

// exitNoNetworks is how the inner process says that it could make no networks, which it
// has said why. The cases that need none are then played by the outer one.
const exitNoNetworks = 3

var errNoNetworks = errors.New("networks cannot be made")

// An options is what the command line said.
type options struct {
	gossterm string
	logs     string
	names    lab.Names
	short    bool
	list     bool
	json     bool
	runs     int
	jobs     int
	slack    int
}

// command runs the cases and returns the exit status. The outer process makes the
// namespaces and waits; the cases run in the inner one.
func command(args []string, out, errs io.Writer) int {
	if len(args) == 2 && args[0] == sinkName && args[1] == steady {
		return printSteadily()
	}
	if len(args) > 0 && args[0] == sinkName {
		return sink(args[1:])
	}
	o, status := parse(args, errs)
	if o == nil {
		return status
	}
	chosen, err := o.choose(trials())
	switch {
	case err != nil:
		fmt.Fprintln(errs, "chaos: error:", err)
		return exitFailed
	case o.list:
		listTrials(out, chosen)
		return 0
	case lab.Isolated():
		if err := lab.Possible(); err != nil {
			fmt.Fprintln(errs, "chaos: networks cannot be made:", err)
			return exitNoNetworks
		}
		return inner(*o, chosen, nil, out, errs)
	}
	status, err = lab.Outer(args, out, errs)
	switch {
	case errors.Is(err, lab.ErrNoNamespaces):
		return inner(*o, chosen, err, out, errs)
	case err == nil && status == exitNoNetworks:
		return inner(*o, chosen, errNoNetworks, out, errs)
	case err != nil:
		fmt.Fprintln(errs, "chaos: error:", err)
		return exitFailed
	}
	return status
}

// parse reads the command line; without options there is a status to exit with.
func parse(args []string, errs io.Writer) (*options, int) {
	var o options
	fs := flag.NewFlagSet("chaos", flag.ContinueOnError)
	fs.SetOutput(errs)
	fs.StringVar(&o.gossterm, "gossterm", "gossterm", "the program, as a path or a name in PATH")
	fs.StringVar(&o.logs, "logs", "", "keep logs and screens of each run in this directory")
	fs.Var(&o.names, "case", "only this case; may be repeated, a * stands for anything")
	fs.BoolVar(&o.short, "short", false, "the cases of continuous integration, short, one run of each")
	fs.BoolVar(&o.list, "list", false, "list the cases")
	fs.BoolVar(&o.json, "json", false, "print one JSON object a case")
	fs.IntVar(&o.runs, "runs", 0, fmt.Sprintf("so many runs of each case (default %d, 1 with --short)", runsUsually))
	fs.IntVar(&o.jobs, "jobs", 0, fmt.Sprintf("so many cases at a time, of those that do not load the machine (default 1, %d with --short)", jobsShort))
	fs.IntVar(&o.slack, "slack", 1, "targets of time are so many times as long, on a busy machine")
	if err := fs.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			return nil, 0
		}
		return nil, exitFailed
	}
	if fs.NArg() > 0 || o.slack < 1 || o.runs < 0 || o.jobs < 0 {
		fmt.Fprintln(errs, "chaos: error: see --help")
		return nil, exitFailed
	}
	if o.runs == 0 && o.short {
		o.runs = 1
	} else if o.runs == 0 {
		o.runs = runsUsually
	}
	if o.jobs == 0 && o.short {
		o.jobs = jobsShort
	}
	o.jobs = max(o.jobs, 1)
	return &o, 0
}

// choose returns the cases that were asked for.
func (o options) choose(all []trial) ([]trial, error) {
	return lab.Choose(o.names, all, func(t trial) string { return t.name }, func(t trial) bool { return !(t.long && o.short) })
}

// inner runs the cases one after the other. What hinders networks is no hindrance to
// the cases on loopback.
func inner(o options, chosen []trial, hinders error, out, errs io.Writer) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	defer stop()
	dir, err := os.MkdirTemp("", "chaos")
	if err != nil {
		fmt.Fprintln(errs, "chaos: error:", err)
		return exitFailed
	}
	defer os.RemoveAll(dir)
	results := o.playAll(ctx, dir, chosen, hinders, errs)
	if ctx.Err() != nil {
		return exitFailed
	}
	if !o.json {
		io.WriteString(out, table(results))
	}
	status := 0
	for _, r := range results {
		if o.json {
			json.NewEncoder(out).Encode(r)
		}
		status = max(status, r.status())
	}
	return status
}

// playAll plays the cases: those that load the machine alone, then the others, so many
// at a time. It returns the results in the order of the cases, and tells errs of each
// as it comes.
func (o options) playAll(ctx context.Context, dir string, chosen []trial, hinders error, errs io.Writer) []result {
	results := make([]result, len(chosen))
	var telling sync.Mutex
	told := 0
	play := func(i int) {
		t, begun := chosen[i], time.Now()
		r := result{Case: t.name, What: t.what}
		var said bytes.Buffer
		if why := t.hindered(hinders); why != nil {
			r.Skipped = why.Error()
		} else {
			o.runAll(ctx, dir, t, &r, &said)
		}
		results[i] = r
		telling.Lock()
		defer telling.Unlock()
		told++
		fmt.Fprintf(errs, "%schaos: %d of %d: %s: %.0f s: %s\n", said.String(), told, len(chosen), t.name, time.Since(begun).Seconds(), r.verdict())
	}
	for i, t := range chosen {
		if t.alone && ctx.Err() == nil {
			play(i)
		}
	}
	var leaves sync.WaitGroup
	places := make(chan struct{}, o.jobs)
	for i, t := range chosen {
		if t.alone || ctx.Err() != nil {
			continue
		}
		places <- struct{}{}
		leaves.Go(func() {
			play(i)
			<-places
		})
	}
	leaves.Wait()
	return results
}

// hindered says why a case cannot be played here; nil if it can. networks is what hinders
// those that need them.
func (t trial) hindered(networks error) error {
	if t.layout != loopback && networks != nil {
		return networks
	}
	return t.under.missing()
}

// runAll runs a case as often as is wanted, until a run cannot come to its end.
func (o options) runAll(ctx context.Context, dir string, t trial, r *result, errs io.Writer) {
	if o.short && t.floodBytes > shortFlood {
		t.floodBytes = shortFlood
	}
	for n := range o.runs {
		name := fmt.Sprintf("%s.%d", t.name, n+1)
		s := &show{trial: t, world: world{shape: t.layout}, ctx: ctx, gossterm: o.gossterm, dir: filepath.Join(dir, name), short: o.short,
			slack: o.slack, keeps: o.logs != "", seed: uint64(n + 1), inbox: make(chan lab.Event, lab.InboxSize)}
		err := s.once()
		if u, ok := errors.AsType[unmet](err); ok {
			s.breaks("%v", u)
			err = nil
		}
		bad := err != nil || len(s.broken) > 0
		if bad && ctx.Err() == nil {
			io.WriteString(errs, s.shown())
		}
		s.close()
		if o.logs != "" {
			err = errors.Join(err, s.keep(filepath.Join(o.logs, name)))
		}
		r.take(s, err)
		if err != nil || ctx.Err() != nil {
			return
		}
	}
}

// once plays the case once.
func (s *show) once() error {
	if err := os.Mkdir(s.dir, 0o700); err != nil {
		return err
	}
	most := s.joiners + 1
	if s.name == stormName {
		most += stormSize
	}
	if err := s.lay(most, s.line, s.seed); err != nil {
		return err
	}
	return s.play(s)
}

// take adds a run to the result.
func (r *result) take(s *show, err error) {
	r.Runs++
	r.tally.add(s.tally)
	if !s.healed.IsZero() {
		heal := float64(s.heal) / float64(time.Millisecond)
		if r.Heal == nil || heal > *r.Heal {
			r.Heal = &heal
		}
	}
	r.Equal += s.equal
	r.Screens += s.judged
	r.Memory = max(r.Memory, s.memory)
	r.Notes = append(r.Notes, s.notes...)
	r.Broken = append(r.Broken, s.broken...)
	if err != nil {
		r.Failure = strings.ReplaceAll(err.Error(), "\n", "; ")
	}
}
