package lan

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"time"

	"gossterm/internal/id"
)

// followSoon is how often a role looks for new interfaces.
const followSoon = 20 * time.Millisecond

// roleVar, in the environment, makes this binary another process of a test: its value
// is the role and the name that it is about.
const roleVar = "GOSSTERM_LAN_ROLE"

// role runs this process in the place of another, if it was started so. It begins when
// it reads a line, for until then it may have no network, and ends with its input.
func role() bool {
	what, name, _ := strings.Cut(os.Getenv(roleVar), " ")
	if what == "" {
		return false
	}
	in := bufio.NewReader(os.Stdin)
	if _, err := in.ReadString('\n'); err != nil {
		return true
	}
	ctx, cancel := context.WithCancel(context.Background())
	go func() {
		in.ReadString('\n')
		cancel()
	}()
	switch what {
	case "host":
		asHost(ctx, name)
	case "joiner":
		asJoiner(ctx, name)
	case "middle":
		asMiddle(ctx, name)
	}
	return true
}

// A said is a line that a role prints.
type said struct {
	What  string // ready, asked, shown, ticket, error
	Words [4]string
	Text  string
}

func say(s said) {
	b, _ := json.Marshal(s)
	fmt.Printf("%s\n", b)
}

// asHost lets in everybody who asks.
func asHost(ctx context.Context, name string) {
	l, err := Listen(Config{Name: name, Secret: secretOf(1), follow: followSoon, Ask: func(_ context.Context, q Question) (string, error) {
		say(said{What: "asked", Words: q.Words, Text: q.Name + " at " + q.From.WithZone("").String()})
		return "gst1ticket", nil
	}})
	if err != nil {
		say(said{What: "error", Text: err.Error()})
		return
	}
	say(said{What: "ready"})
	l.Serve(ctx)
}

// asJoiner finds one host and knocks.
func asJoiner(ctx context.Context, name string) {
	found, err := Find(ctx, name)
	if err != nil {
		say(said{What: "error", Text: err.Error()})
		return
	}
	say(said{What: "found", Text: fmt.Sprint(len(found), " ", found[0].Host.Tag())})
	ticket, err := Knock(ctx, found[0], secretOf(2), "ana", id.Type, func(w [4]string) { say(said{What: "shown", Words: w}) })
	if err != nil {
		say(said{What: "error", Text: err.Error()})
		return
	}
	say(said{What: "ticket", Text: ticket})
}

// asMiddle pretends to be the host to the joiner and the joiner to the host.
func asMiddle(ctx context.Context, name string) {
	l, err := Listen(Config{Name: name, Secret: secretOf(3), follow: followSoon, Ask: func(ctx context.Context, q Question) (string, error) {
		found, err := Find(ctx, name)
		if err != nil {
			return "", err
		}
		for _, f := range found {
			if f.Host != secretOf(3).Peer() {
				return Knock(ctx, f, secretOf(4), q.Name, q.Role, func([4]string) {})
			}
		}
		return "", ErrNotFound
	}})
	if err != nil {
		say(said{What: "error", Text: err.Error()})
		return
	}
	say(said{What: "ready"})
	l.Serve(ctx)
}
