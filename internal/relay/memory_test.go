package relay

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/netip"
	"os"
	"os/exec"
	"runtime"
	"runtime/debug"
	"sync"
	"testing"
	"time"
)

// childEnv makes this binary a relay alone, so that its memory can be measured.
const childEnv = "GOSSTERM_TEST_RELAY"

// A reading is what a relay alone uses.
type reading struct {
	Clients    int
	Heap       uint64 // bytes in use after a collection
	Stacks     uint64
	Goroutines int
	CPU        time.Duration // since its start
}

// serveAlone is a relay that prints its value, and a reading for each line that comes.
func serveAlone() {
	s, err := Listen(ServerConfig{Listen: netip.MustParseAddrPort("127.0.0.1:0"), Secret: secretOf(9999), MaxPerSource: 1 << 16, MaxPerTag: 1 << 16, Rate: benchRate()})
	if err != nil {
		panic(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error)
	go func() { done <- s.Serve(ctx) }()
	fmt.Println(s.Addr())
	in := bufio.NewScanner(os.Stdin)
	for in.Scan() {
		debug.FreeOSMemory()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		json.NewEncoder(os.Stdout).Encode(reading{s.Stats().Clients, m.HeapInuse, m.StackInuse, runtime.NumGoroutine(), cpuTime()})
	}
	cancel()
	if err := <-done; err != nil {
		panic(err)
	}
}

// A child is a relay in a process of its own.
type child struct {
	in  io.WriteCloser
	out *bufio.Reader
	at  netip.AddrPort
}

// startChild starts a relay alone, until the test ends.
func startChild(t testing.TB) *child {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), childEnv+"=1")
	cmd.Stderr = os.Stderr
	in, err1 := cmd.StdinPipe()
	out, err2 := cmd.StdoutPipe()
	if err1 != nil || err2 != nil {
		t.Fatal(err1, err2)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		in.Close()
		if err := cmd.Wait(); err != nil {
			t.Errorf("the relay: %v", err)
		}
	})
	c := &child{in: in, out: bufio.NewReader(out)}
	line, err := c.out.ReadString('\n')
	if err == nil {
		c.at, err = netip.ParseAddrPort(line[:len(line)-1])
	}
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func (c *child) read(t testing.TB) (r reading) {
	t.Helper()
	fmt.Fprintln(c.in)
	line, err := c.out.ReadBytes('\n')
	if err == nil {
		err = json.Unmarshal(line, &r)
	}
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// What 1,000 idle clients may cost a relay, in bytes a client.
const maxIdle = 96 << 10

// 1,000 clients that do nothing cost the relay little, and leave nothing behind.
func TestIdleClientsAreCheap(t *testing.T) {
	if testing.Short() || raceEnabled {
		t.Skip("1,000 clients: not with -short, and the race detector's memory says nothing")
	}
	const clients, atOnce = 1000, 8
	both(t, func(t *testing.T, over string) {
		relay := startChild(t)
		r := noRelay
		r.Port, r.Pin = relay.at.Port(), valuePin
		before := relay.read(t)
		all := make([]*testClient, clients)
		var wg sync.WaitGroup
		next := make(chan int)
		for range atOnce {
			wg.Go(func() {
				for i := range next {
					all[i] = startClient(t, clientOf(r, i, tagOf(1)), by(over))
					all[i].up(t)
				}
			})
		}
		for i := range clients {
			next <- i
		}
		close(next)
		wg.Wait()
		idle := relay.read(t)
		if idle.Clients != clients {
			t.Fatalf("%d clients", idle.Clients)
		}
		each := (idle.Heap + idle.Stacks - before.Heap - before.Stacks) / clients
		t.Logf("%d bytes a client (%d of heap), %d goroutines", each, (idle.Heap-before.Heap)/clients, (idle.Goroutines-before.Goroutines)/clients)
		if each > maxIdle {
			t.Errorf("%d bytes a client, want at most %d", each, maxIdle)
		}
		for _, c := range all {
			wg.Go(c.stop)
		}
		wg.Wait()
		eventually(t, "empty relay", func() bool { return relay.read(t).Clients == 0 })
		if after := relay.read(t); after.Goroutines > before.Goroutines+10 {
			t.Errorf("%d goroutines after, %d before", after.Goroutines, before.Goroutines)
		}
	})
}
