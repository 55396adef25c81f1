//go:build linux

package main

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"syscall"

	"github.com/creack/pty"
	"golang.org/x/sys/unix"

	"gossterm/internal/screen"
)

// rawKept is how much of a program's output is kept as it came, in bytes.
const rawKept = 4 << 20

// A program runs on a PTY, in a session of its own, or with pipes. A reader feeds
// what it prints to a screen; our own model is the terminal.
type program struct {
	name   string
	stage  *stage
	cmd    *exec.Cmd
	master *os.File      // nil with pipes
	before unix.Termios  // the PTY's settings before the program
	hold   *os.File      // closing it ends onpty
	input  chan []byte   // to the program, in order
	flush  chan struct{} // taken when no input waits
	ended  chan struct{}
	leaves sync.WaitGroup

	// Guarded by the stage's lock.
	screen         *screen.Screen
	raw            []byte
	stdout, stderr []byte // with pipes
	pid            int
	stops          int
	exit           string // a status, or the name of a signal; "" while it runs
}

// onTerminal starts argv on a new PTY.
func (s *stage) onTerminal(name string, cols, rows int, env, argv []string) (*program, error) {
	master, slave, err := openPTY(cols, rows)
	if err != nil {
		return nil, err
	}
	defer slave.Close()
	p := &program{name: name, stage: s, master: master, input: make(chan []byte, 1024), flush: make(chan struct{}), ended: make(chan struct{})}
	p.screen = screen.New(cols, rows)
	p.screen.AnswerQueries(true)
	p.screen.KeepHistory(true)
	if p.before, err = p.termios(); err != nil {
		return nil, err
	}
	reportR, reportW, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	holdR, holdW, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	defer reportW.Close()
	defer holdR.Close()
	p.hold = holdW
	p.cmd = exec.Command("onpty", argv...)
	p.cmd.Stdin, p.cmd.Stdout, p.cmd.Stderr = slave, slave, slave
	p.cmd.ExtraFiles = []*os.File{reportW, holdR}
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	p.cmd.Dir = s.dir
	p.cmd.Env = append(append([]string(nil), s.env...), env...)
	if err := p.cmd.Start(); err != nil {
		return nil, err
	}
	p.leaves.Go(p.read)
	p.leaves.Go(p.write)
	p.leaves.Go(func() { p.follow(reportR) })
	return p, s.add(p)
}

// openPTY opens a PTY whose master can be closed while somebody reads it.
func openPTY(cols, rows int) (master, slave *os.File, err error) {
	m, slave, err := pty.Open()
	if err != nil {
		return nil, nil, err
	}
	defer m.Close()
	if err := pty.Setsize(m, &pty.Winsize{Cols: uint16(cols), Rows: uint16(rows)}); err != nil {
		return nil, nil, err
	}
	fd, err := unix.FcntlInt(m.Fd(), unix.F_DUPFD_CLOEXEC, 0)
	if err != nil {
		return nil, nil, err
	}
	if err := unix.SetNonblock(fd, true); err != nil {
		return nil, nil, err
	}
	return os.NewFile(uintptr(fd), "master"), slave, nil
}

// withPipes starts argv without a terminal: standard input is empty.
func (s *stage) withPipes(name string, env, argv []string) (*program, error) {
	p := &program{name: name, stage: s, ended: make(chan struct{})}
	p.cmd = exec.Command(argv[0], argv[1:]...)
	p.cmd.Stdout = pipeEnd{p, &p.stdout}
	p.cmd.Stderr = pipeEnd{p, &p.stderr}
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	p.cmd.Dir = s.dir
	p.cmd.Env = append(append([]string(nil), s.env...), env...)
	if err := p.cmd.Start(); err != nil {
		return nil, err
	}
	p.pid = p.cmd.Process.Pid
	p.leaves.Go(func() {
		defer close(p.ended)
		p.cmd.Wait()
		ws := p.cmd.ProcessState.Sys().(syscall.WaitStatus)
		s.change(func() {
			p.exit = strconv.Itoa(ws.ExitStatus())
			if ws.Signaled() {
				p.exit = unix.SignalName(ws.Signal())
			}
		})
	})
	return p, s.add(p)
}

// A pipeEnd takes what a program prints to a pipe.
type pipeEnd struct {
	p  *program
	to *[]byte
}

func (e pipeEnd) Write(b []byte) (int, error) {
	e.p.stage.change(func() {
		*e.to = append(*e.to, b...)
		e.p.keep(b)
	})
	return len(b), nil
}

// keep keeps output as it came. The lock is held.
func (p *program) keep(b []byte) {
	p.raw = append(p.raw, b...)
	if len(p.raw) > 2*rawKept {
		p.raw = append([]byte(nil), p.raw[len(p.raw)-rawKept:]...)
	}
}

// read feeds the screen until the PTY is gone, and types what it answers.
func (p *program) read() {
	buf := make([]byte, 64<<10)
	for {
		n, err := p.master.Read(buf)
		var replies []screen.Reply
		p.stage.change(func() {
			p.screen.Write(buf[:n])
			p.keep(buf[:n])
			replies = p.screen.TakeReplies()
		})
		for _, r := range replies {
			p.typeIn(r.Take())
		}
		if err != nil {
			return
		}
	}
}

// write types what is queued until the PTY is gone.
func (p *program) write() {
	for {
		flush := p.flush
		if len(p.input) > 0 {
			flush = nil
		}
		select {
		case b := <-p.input:
			if _, err := p.master.Write(b); err != nil {
				return
			}
		case <-flush:
		case <-p.ended:
			return
		}
	}
}

// typeIn queues b for the program, and reports whether there was a place.
func (p *program) typeIn(b []byte) bool {
	select {
	case p.input <- b:
		return true
	default:
		return false
	}
}

// follow takes what onpty reports.
func (p *program) follow(report io.ReadCloser) {
	defer close(p.ended)
	defer report.Close()
	lines := bufio.NewScanner(report)
	for lines.Scan() {
		what, arg, _ := strings.Cut(lines.Text(), " ")
		p.stage.change(func() {
			switch what {
			case "pid":
				p.pid, _ = strconv.Atoi(arg)
			case "stopped":
				p.stops++
			case "exit":
				p.exit = arg
			}
		})
	}
}

// termios returns the PTY's settings, what stty -g prints.
func (p *program) termios() (t unix.Termios, err error) {
	raw, err := p.master.SyscallConn()
	if err != nil {
		return t, err
	}
	ctlErr := raw.Control(func(fd uintptr) {
		var got *unix.Termios
		if got, err = unix.IoctlGetTermios(int(fd), unix.TCGETS); err == nil {
			t = *got
		}
	})
	if err == nil {
		err = ctlErr
	}
	return t, err
}

// resize gives the terminal another size.
func (p *program) resize(cols, rows int) error {
	raw, err := p.master.SyscallConn()
	if err != nil {
		return err
	}
	p.stage.change(func() { p.screen.Resize(cols, rows) })
	ctlErr := raw.Control(func(fd uintptr) {
		err = unix.IoctlSetWinsize(int(fd), unix.TIOCSWINSZ, &unix.Winsize{Col: uint16(cols), Row: uint16(rows)})
	})
	if err == nil {
		err = ctlErr
	}
	return err
}

// signal sends sig to the program itself.
func (p *program) signal(sig syscall.Signal) error {
	var pid int
	var exit string
	ok := p.stage.until(patience, func() bool { pid, exit = p.pid, p.exit; return pid != 0 || exit != "" })
	if !ok || exit != "" {
		return fmt.Errorf("%s does not run: %q", p.name, exit)
	}
	return syscall.Kill(pid, sig)
}

// close ends the program and waits for its readers.
func (p *program) close() {
	p.stage.mu.Lock()
	pid, exit := p.pid, p.exit
	p.stage.mu.Unlock()
	if pid > 0 && exit == "" {
		syscall.Kill(-pid, syscall.SIGKILL)
	}
	if p.master != nil {
		p.hold.Close()
		p.cmd.Process.Kill()
		p.master.Close()
		p.cmd.Wait()
	}
	p.leaves.Wait()
}
