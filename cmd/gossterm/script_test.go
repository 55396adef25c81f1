//go:build linux

package main

import (
	"errors"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// scriptsAtOnce is how many scripts run at the same time: they mostly wait.
const scriptsAtOnce = "4"

// TestMain makes this binary the real command too: a script's gossterm is main.
func TestMain(m *testing.M) {
	testscript.Main(manyAtOnce{m}, map[string]func(){
		"gossterm": main,
		"onpty":    onPTY,
		"panics":   panics,
		"asks":     asks,
		"sizes":    sizes,
	})
}

// manyAtOnce runs more scripts at once than there are processors, unless the
// command line says how many.
type manyAtOnce struct{ m *testing.M }

func (a manyAtOnce) Run() int {
	flag.Parse()
	given := false
	flag.Visit(func(f *flag.Flag) { given = given || f.Name == "test.parallel" })
	if !given {
		if err := flag.Set("test.parallel", scriptsAtOnce); err != nil {
			panic(err)
		}
	}
	return a.m.Run()
}

// TestScripts runs the real command on real PTYs. The commands that scripts have
// beside those of testscript are in commands_test.go.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		Setup:               setUp,
		Cmds:                scriptCommands,
		Condition:           installed,
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
	})
}

// setUp gives a script a home of its own and an environment in which programs
// look the same everywhere.
func setUp(env *testscript.Env) error {
	home := filepath.Join(env.WorkDir, "home")
	if err := os.Mkdir(home, 0o700); err != nil {
		return err
	}
	env.Vars = append(env.Vars, // the last of two with one name counts
		"HOME="+home, "XDG_CONFIG_HOME="+filepath.Join(home, ".config"),
		"PS1=rdy> ", "TERM=xterm-256color", "LANG=C.UTF-8", "SHELL=/bin/sh", "INPUTRC=/dev/null", "HISTFILE=")
	st := newStage(env.WorkDir, env.Vars)
	env.Values[stageKey{}] = st
	env.Defer(st.close)
	return nil
}

// installed is the script condition [has:PROGRAM].
func installed(cond string) (bool, error) {
	name, ok := strings.CutPrefix(cond, "has:")
	if !ok {
		return false, errors.New("unknown condition")
	}
	_, err := exec.LookPath(name)
	return err == nil, nil
}
