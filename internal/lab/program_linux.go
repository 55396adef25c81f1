package lab

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/creack/pty"
	"golang.org/x/sys/unix"

	"gossterm/internal/screen"
)

// TermCols and TermRows are the size of a program's terminal.
const (
	TermCols, TermRows = 80, 24
)

const (
	rawKept      = 64 << 10        // bytes of a program's output kept as they came
	logKept      = 20_000          // lines of a program's log kept: the first half, and the last
	typePatience = 2 * time.Second // how long a terminal may be full
)

// InboxSize is a good size of the channel for events: what waits while a lab itself
// works on the networks.
const InboxSize = 1024

// A Program runs on a terminal of its own on one machine. Its exported fields belong to
// the loop that takes its events.
type Program struct {
	Name string
	// Screen is what stands on the terminal now. Raw is how the output began, as it came,
	// and Printed how many bytes it had in all.
	Screen  *screen.Screen
	Raw     []byte
	Printed int
	// Lines are the program's log: all, or the first and the last ones.
	Lines   []string
	Started time.Time
	Ended   bool

	cmd    *exec.Cmd
	argv   []string // how its command line begins
	master *os.File
	log    *os.File // a pipe, so that each line is known when it is written
	hold   *os.File // its other end, so that it lasts as long as the program
	before *unix.Termios
	reads  pace
	leaves sync.WaitGroup
}

// An Event is something that a program did.
type Event struct {
	From   *Program
	At     time.Time
	Output []byte // to its terminal
	Line   string // in its log
	Ended  bool
}

// A ProgramConfig says what to run.
type ProgramConfig struct {
	Dir  string   // where its log and its home are, which exists
	Name string   // names these; no other program of Dir has it
	Argv []string // the program, its command, its arguments, before which goes --log
	Env  []string // beside HOME, PATH, TERM, LANG and SHELL
	// Under is a command that runs the program, with its arguments: the program's follow it.
	Under []string
	// Silent is a program without --log: a log of each record costs a flood its speed.
	Silent bool
}

// Start runs a program on the machine. It sends what happens to inbox.
func Start(m *Machine, inbox chan<- Event, cfg ProgramConfig) (*Program, error) {
	p := &Program{Name: cfg.Name, Screen: screen.New(TermCols, TermRows), Started: time.Now()}
	p.reads.set(Unpaced)
	p.Screen.AnswerQueries(true)
	file := filepath.Join(cfg.Dir, cfg.Name+".log")
	if err := syscall.Mkfifo(file, 0o600); err != nil {
		return nil, fmt.Errorf("make the log of %s: %w", cfg.Name, err)
	}
	var err error
	if p.log, err = os.OpenFile(file, os.O_RDONLY|syscall.O_NONBLOCK, 0); err != nil {
		return nil, err
	}
	if p.hold, err = os.OpenFile(file, os.O_WRONLY|syscall.O_NONBLOCK, 0); err != nil {
		return nil, err
	}
	home := filepath.Join(cfg.Dir, cfg.Name+"-home")
	if err := os.Mkdir(home, 0o700); err != nil {
		return nil, err
	}
	slave, err := p.openTerminal()
	if err != nil {
		return nil, err
	}
	defer slave.Close()
	if p.before, err = unix.IoctlGetTermios(int(slave.Fd()), unix.TCGETS); err != nil {
		return nil, fmt.Errorf("the terminal of %s: %w", cfg.Name, err)
	}
	argv := cfg.Argv
	if !cfg.Silent {
		argv = append([]string{argv[0], argv[1], "--log", file}, argv[2:]...)
	}
	p.argv = cfg.Argv[:2]
	argv = slices.Concat(cfg.Under, argv)
	p.cmd = exec.Command(argv[0], argv[1:]...)
	p.cmd.Stdin, p.cmd.Stdout, p.cmd.Stderr = slave, slave, slave
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	p.cmd.Env = append([]string{"HOME=" + home, "PATH=" + os.Getenv("PATH"), "TERM=xterm-256color", "LANG=C.UTF-8", "SHELL=/bin/sh", p.mark()}, cfg.Env...)
	if err := m.Within(p.cmd.Start); err != nil {
		return nil, fmt.Errorf("start %s: %w", cfg.Name, err)
	}
	p.leaves.Go(func() { p.readTerminal(inbox) })
	p.leaves.Go(func() { p.readLog(inbox) })
	return p, nil
}

// openTerminal makes a terminal whose reads end when it is closed.
func (p *Program) openTerminal() (slave *os.File, err error) {
	blocking, slave, err := pty.Open()
	if err != nil {
		return nil, err
	}
	defer blocking.Close()
	if err := pty.Setsize(blocking, &pty.Winsize{Cols: TermCols, Rows: TermRows}); err != nil {
		return nil, err
	}
	fd, err := unix.FcntlInt(blocking.Fd(), unix.F_DUPFD_CLOEXEC, 0)
	if err == nil {
		err = unix.SetNonblock(fd, true)
	}
	if err != nil {
		return nil, err
	}
	p.master = os.NewFile(uintptr(fd), "terminal of "+p.Name)
	return slave, nil
}

// readTerminal sends what the program prints until nobody has the terminal open, and
// lets go of the log when the program has ended.
func (p *Program) readTerminal(inbox chan<- Event) {
	buf := make([]byte, 16<<10)
	for {
		room := p.reads.wait(len(buf))
		if room == 0 {
			break
		}
		n, err := p.master.Read(buf[:room])
		if n > 0 {
			inbox <- Event{From: p, At: time.Now(), Output: append([]byte(nil), buf[:n]...)}
		}
		if err != nil {
			break
		}
	}
	p.cmd.Wait()
	p.hold.Close()
}

// readLog sends the lines of the program's log, and at last that it has ended.
func (p *Program) readLog(inbox chan<- Event) {
	lines := bufio.NewScanner(p.log)
	for lines.Scan() {
		inbox <- Event{From: p, At: time.Now(), Line: lines.Text()}
	}
	p.log.Close()
	inbox <- Event{From: p, At: time.Now(), Ended: true}
}

// Take takes an event of this program in.
func (p *Program) Take(e Event) {
	switch {
	case e.Ended:
		p.Ended = true
	case e.Output != nil:
		if len(p.Raw) < rawKept {
			p.Raw = append(p.Raw, e.Output...)
		}
		p.Printed += len(e.Output)
		p.Screen.Write(e.Output)
		for _, r := range p.Screen.TakeReplies() {
			p.Type(r.Take())
		}
	default:
		if len(p.Lines) == logKept {
			p.Lines = append(p.Lines[:logKept/2], p.Lines[logKept/2+logKept/4:]...)
		}
		p.Lines = append(p.Lines, e.Line)
	}
}

// Type types at the program's terminal.
func (p *Program) Type(keys []byte) error {
	p.master.SetWriteDeadline(time.Now().Add(typePatience))
	if _, err := p.master.Write(keys); err != nil {
		return fmt.Errorf("type at %s: %w", p.Name, err)
	}
	return nil
}

// Pace sets how many bytes a second the terminal takes from now on: Stopped, Unpaced,
// or a number.
func (p *Program) Pace(bytesPerSecond int) { p.reads.set(bytesPerSecond) }

// Shows reports whether text stands on the program's screen, in one row.
func (p *Program) Shows(text string) bool {
	return strings.Contains(strings.Join(p.Screen.Text(), "\n"), text)
}

// Shown returns what stands on the program's screen.
func (p *Program) Shown() string {
	return strings.TrimRight(strings.Join(p.Screen.Text(), "\n"), " \n")
}

// Signal sends the program a signal.
func (p *Program) Signal(sig syscall.Signal) error { return p.cmd.Process.Signal(sig) }

// Kill ends the program at once. That it has ended comes as an event.
func (p *Program) Kill() { p.Signal(syscall.SIGKILL) }

// Fate says what became of the program.
func (p *Program) Fate() string {
	if !p.Ended {
		return "runs"
	}
	return "has ended: " + p.cmd.ProcessState.String()
}

// Status returns with which status the program ended, -1 if it runs or a signal ended it.
func (p *Program) Status() int {
	if !p.Ended {
		return -1
	}
	return p.cmd.ProcessState.ExitCode()
}

// Restored reports whether the terminal's settings are as they were before the program.
func (p *Program) Restored() (bool, error) {
	raw, err := p.master.SyscallConn()
	if err != nil {
		return false, err
	}
	var now *unix.Termios
	if e := raw.Control(func(fd uintptr) { now, err = unix.IoctlGetTermios(int(fd), unix.TCGETS) }); e != nil {
		return false, e
	}
	if err != nil {
		return false, fmt.Errorf("the terminal of %s: %w", p.Name, err)
	}
	return *now == *p.before, nil
}

// HangUp closes the terminal's window: the program gets SIGHUP, and nothing more of
// its output is seen.
func (p *Program) HangUp() { p.reads.set(closed); p.master.Close() }

// PeakMemory returns the most memory that the program had at any time, in bytes. It
// must still run. The program is found by its environment, as its process has another
// number where /proc is that of another namespace.
func (p *Program) PeakMemory() (int, error) {
	all, err := filepath.Glob("/proc/[0-9]*/cmdline")
	if err != nil {
		return 0, err
	}
	for _, file := range all {
		b, err := os.ReadFile(file)
		if err != nil { // it has ended meanwhile
			continue
		}
		if !strings.HasPrefix(string(b), strings.Join(p.argv, "\x00")+"\x00") { // what it started has its environment
			continue
		}
		if env, _ := os.ReadFile(filepath.Join(filepath.Dir(file), "environ")); strings.Contains(string(env), p.mark()+"\x00") {
			return peakOf(filepath.Join(filepath.Dir(file), "status"))
		}
	}
	return 0, errors.New("no process is " + p.Name)
}

// mark is in the environment of the program, and in no other's.
func (p *Program) mark() string { return "LAB_PROGRAM=" + p.log.Name() }

// peakOf reads the peak of the resident memory from a file of proc(5).
func peakOf(file string) (int, error) {
	b, err := os.ReadFile(file)
	if err != nil {
		return 0, err
	}
	for line := range strings.Lines(string(b)) {
		var kib int
		if n, _ := fmt.Sscanf(line, "VmHWM: %d kB", &kib); n == 1 {
			return kib << 10, nil
		}
	}
	return 0, fmt.Errorf("%s has no VmHWM", file)
}

// Close closes the program's terminal and waits for what reads from it and its log. The
// program must have ended, or be killed, and somebody must take the events.
func (p *Program) Close() {
	p.HangUp()
	p.leaves.Wait()
}

// Cursor returns where the cursor stands on the program's screen.
func (p *Program) Cursor() screen.Cursor {
	var f screen.Frame
	p.Screen.Frame(&f)
	return f.Cursor
}
