//go:build linux

package main

import (
	"fmt"
	"os"
	"os/signal"
	"runtime"
	"runtime/debug"
	"runtime/pprof"
	"strings"
	"syscall"
)

// soakFigures is set for the programs of a soak: a pipe that they write their figures
// to, a line for each SIGUSR1.
const soakFigures = "SOAK_FIGURES"

// A holding is what a process holds, once what is garbage is gone.
type holding struct {
	goroutines, files int
	heap, resident    int // bytes
}

const (
	// soakProfile, if it is set, has them write profiles of their heap and goroutines, too,
	// beside the pipe. Profiles take memory of their own, which grows: what is resident says
	// nothing then.
	soakProfile = "SOAK_PROFILE"
	// soakSample is of how many bytes of the heap one is sampled for its profile.
	soakSample = 4 << 10
)

// init makes a program of a soak tell what it holds when it is asked to. It is the
// test's own program, so no product has this.
func init() {
	pipe := os.Getenv(soakFigures)
	if pipe == "" {
		return
	}
	profile := os.Getenv(soakProfile) != ""
	runtime.MemProfileRate = 0
	if profile {
		runtime.MemProfileRate = soakSample
	}
	asked := make(chan os.Signal, 1)
	signal.Notify(asked, syscall.SIGUSR1)
	go func() {
		for n := 0; ; n++ {
			<-asked
			if f, err := os.OpenFile(pipe, os.O_WRONLY, 0); err == nil {
				h := hold()
				fmt.Fprintln(f, h.goroutines, h.files, h.heap, h.resident)
				f.Close()
			}
			if !profile {
				continue
			}
			for what, debug := range map[string]int{"heap": 0, "goroutine": 1} {
				if f, err := os.Create(fmt.Sprintf("%s.%d.%s", pipe, n, what)); err == nil {
					pprof.Lookup(what).WriteTo(f, debug)
					f.Close()
				}
			}
		}
	}()
}

// hold returns what this process holds.
func hold() (h holding) {
	runtime.GC()
	debug.FreeOSMemory() // a second collection, for what finalizers let go
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	h.goroutines, h.heap = runtime.NumGoroutine(), int(m.HeapAlloc)
	if files, err := os.ReadDir("/proc/self/fd"); err == nil {
		h.files = len(files)
	}
	if b, err := os.ReadFile("/proc/self/status"); err == nil {
		for line := range strings.Lines(string(b)) { // not what is mapped of the program itself
			if n, err := fmt.Sscanf(line, "RssAnon: %d kB", &h.resident); err == nil && n == 1 {
				h.resident <<= 10
			}
		}
	}
	return h
}

// parseHolding reads what a program of a soak wrote.
func parseHolding(line string) (h holding, err error) {
	_, err = fmt.Sscan(strings.TrimSpace(line), &h.goroutines, &h.files, &h.heap, &h.resident)
	return h, err
}

func (h holding) String() string {
	return fmt.Sprintf("%d goroutines, %d descriptors, %.2f MiB of heap, %.1f MiB resident",
		h.goroutines, h.files, float64(h.heap)/(1<<20), float64(h.resident)/(1<<20))
}
