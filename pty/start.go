//go:build linux || darwin || freebsd

package pty

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"sync"
	"sync/atomic"
	"syscall"

	creack "github.com/creack/pty"
	"golang.org/x/sys/unix"
)

// A Shell is a program running on a pseudo-terminal. Its methods may be called
// from any goroutine.
type Shell struct {
	cfg  Config
	cmd  *exec.Cmd
	file *os.File        // the master side, driven by the runtime's poller
	conn syscall.RawConn // the same

	typing  sync.Mutex    // orders Write and Interrupt: no byte between flush and signal
	waiting bool          // under typing: a Room call is owed
	full    chan struct{} // one place; wakes the goroutine that owes it

	closing   atomic.Bool
	closeOnce sync.Once
	closeErr  error
	gone      chan struct{} // closed at Close, after the master
	exited    chan struct{} // closed when the child was reaped
	drained   chan struct{} // closed when the reader has ended
	done      chan Status   // one place
	loops     sync.WaitGroup
}

// Start runs cfg.Argv on a new pseudo-terminal, in a session of its own with
// that terminal as the controlling one.
//
// A program that cannot be found or run is told by errors.Is with
// exec.ErrNotFound, fs.ErrNotExist or fs.ErrPermission. To keep the child from
// inheriting descriptors, Start marks every descriptor above 2 of this process
// close-on-exec.
func Start(cfg Config) (*Shell, error) {
	if len(cfg.Argv) == 0 || cfg.Output == nil {
		return nil, errors.New("start shell: no program or no output function")
	}
	master, slave, err := openPair(cfg.Cols, cfg.Rows)
	if err != nil {
		return nil, fmt.Errorf("open pseudo-terminal: %w", err)
	}
	defer slave.Close()
	cmd, err := run(cfg, slave)
	if err != nil {
		master.Close()
		return nil, fmt.Errorf("start %s: %w", cfg.Argv[0], err)
	}
	s := &Shell{
		cfg:     cfg,
		cmd:     cmd,
		file:    master,
		full:    make(chan struct{}, 1),
		gone:    make(chan struct{}),
		exited:  make(chan struct{}),
		drained: make(chan struct{}),
		done:    make(chan Status, 1),
	}
	// The error of SyscallConn is that of a nil file.
	s.conn, _ = master.SyscallConn()
	s.loops.Go(s.readOutput)
	s.loops.Go(s.watchRoom)
	s.loops.Go(s.waitChild)
	return s, nil
}

// openPair opens both sides of a pseudo-terminal of the given size.
func openPair(cols, rows int) (master, slave *os.File, err error) {
	m, slave, err := creack.Open()
	if err != nil {
		return nil, nil, err
	}
	defer m.Close()
	defer func() {
		if err != nil {
			slave.Close()
		}
	}()
	if cols <= 0 || rows <= 0 {
		cols, rows = defaultCols, defaultRows
	}
	// Open used Fd, which leaves a file in blocking mode and outside the
	// poller: take the descriptor into a file of our own.
	fd, err := unix.FcntlInt(m.Fd(), unix.F_DUPFD_CLOEXEC, 0)
	if err != nil {
		return nil, nil, err
	}
	if err := errors.Join(unix.SetNonblock(fd, true), setSize(fd, cols, rows), eraseUTF8(fd)); err != nil {
		unix.Close(fd)
		return nil, nil, err
	}
	return os.NewFile(uintptr(fd), m.Name()), slave, nil
}

// run starts the program with the slave side as its three standard files.
func run(cfg Config, slave *os.File) (*exec.Cmd, error) {
	if cfg.Dir != "" {
		// A missing directory would be reported as a missing program.
		if info, err := os.Stat(cfg.Dir); err != nil {
			return nil, err
		} else if !info.IsDir() {
			return nil, &os.PathError{Op: "chdir", Path: cfg.Dir, Err: unix.ENOTDIR}
		}
	}
	if err := closeOnExec(); err != nil {
		return nil, err
	}
	cmd := exec.Command(cfg.Argv[0], cfg.Argv[1:]...)
	cmd.Dir = cfg.Dir
	cmd.Env = append([]string{}, cfg.Env...) // never nil: nil means ours
	cmd.Stdin, cmd.Stdout, cmd.Stderr = slave, slave, slave
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	return cmd, cmd.Start()
}

// closeOnExec marks every descriptor above 2 close-on-exec. Go's own are, but
// this process may itself have inherited others that the shell must not get.
func closeOnExec() error {
	entries, err := os.ReadDir("/dev/fd")
	if err != nil {
		return fmt.Errorf("list open files: %w", err)
	}
	for _, e := range entries {
		var fd int
		if _, err := fmt.Sscan(e.Name(), &fd); err == nil && fd > 2 {
			unix.CloseOnExec(fd) // the one that listed them is gone: no matter
		}
	}
	return nil
}
