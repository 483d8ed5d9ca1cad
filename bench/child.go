package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// child is a process of ours. It is ended by its own id, and one that plays a
// role ends by itself when the pipe to us breaks.
type child struct {
	cmd   *exec.Cmd
	began time.Time
	first chan string // the first line it prints
	log   string      // file with what it says on standard error
	end   context.CancelFunc
	gone  chan struct{}
	err   error // valid once gone
}

// start starts a process in the temporary folder.
func (b *bench) start(ctx context.Context, path string, args ...string) (*child, error) {
	b.started++
	c := &child{first: make(chan string, 1), gone: make(chan struct{}),
		log: filepath.Join(b.dir, fmt.Sprintf("%d-%s.log", b.started, args[0]))}
	ctx, c.end = context.WithCancel(ctx)
	c.cmd = exec.CommandContext(ctx, path, args...)
	c.cmd.Dir = b.dir
	c.cmd.Cancel = func() error { return c.cmd.Process.Signal(syscall.SIGTERM) }
	c.cmd.WaitDelay = 30 * time.Second
	c.cmd.Stdout = &firstLine{to: c.first}
	if _, err := c.cmd.StdinPipe(); err != nil {
		return nil, err
	}
	log, err := os.Create(c.log)
	if err != nil {
		return nil, err
	}
	defer log.Close()
	c.cmd.Stderr = log
	c.began = time.Now()
	if err := c.cmd.Start(); err != nil {
		c.end()
		return nil, fmt.Errorf("start %s: %w", args[0], err)
	}
	go func() {
		c.err = c.cmd.Wait()
		close(c.gone)
	}()
	return c, nil
}

// play starts this program in one of its roles and gives the line it prints
// when it is ready.
func (b *bench) play(ctx context.Context, role string, args ...string) (*child, string, error) {
	args = append([]string{role}, args...)
	if b.profiles != "" {
		args = append(args, "-cpuprofile", b.profile(role))
	}
	c, err := b.start(ctx, b.exe, args...)
	if err != nil {
		return nil, "", err
	}
	select {
	case line := <-c.first:
		return c, line, nil
	case <-c.gone:
		return nil, "", c.broken()
	case <-time.After(time.Minute):
		return nil, "", errors.Join(fmt.Errorf("start %s: not ready within a minute", role), c.stop())
	}
}

// profile is a new file name for the next process of that name.
func (b *bench) profile(name string) string {
	return filepath.Join(b.profiles, fmt.Sprintf("%s-%d.pprof", name, b.started+1))
}

// stop ends the process politely and waits for it.
func (c *child) stop() error {
	select {
	case <-c.gone:
		return c.broken()
	default:
	}
	c.end()
	<-c.gone
	if errors.Is(c.err, exec.ErrWaitDelay) {
		return fmt.Errorf("stop process %d: it had to be killed", c.cmd.Process.Pid)
	}
	return nil
}

// broken says how a process ended that should not have, in its last words.
func (c *child) broken() error {
	words, _ := os.ReadFile(c.log)
	return fmt.Errorf("process %q ended by itself: %w\n%s", c.cmd.Args[1:], c.err, words[max(0, len(words)-2000):])
}

// peak is the most memory the process ever had resident, in bytes; 0 where
// the system does not say.
func (c *child) peak() int64 {
	status, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", c.cmd.Process.Pid))
	_, rest, _ := strings.Cut(string(status), "VmHWM:")
	kb, _, _ := strings.Cut(strings.TrimSpace(rest), " ")
	n, _ := strconv.ParseInt(kb, 10, 64)
	return n << 10
}

// cpu is the processor time the process used so far; 0 where the system does
// not say. Linux counts it in hundredths of a second (proc(5), fields 14, 15).
func (c *child) cpu() time.Duration {
	stat, _ := os.ReadFile(fmt.Sprintf("/proc/%d/stat", c.cmd.Process.Pid))
	_, rest, _ := bytes.Cut(stat, []byte(") ")) // the name may hold blanks
	fields := bytes.Fields(rest)
	if len(fields) < 13 {
		return 0
	}
	user, _ := strconv.ParseInt(string(fields[11]), 10, 64)
	system, _ := strconv.ParseInt(string(fields[12]), 10, 64)
	return time.Duration(user+system) * 10 * time.Millisecond
}

// firstLine passes the first line on and drops the rest.
type firstLine struct {
	to   chan<- string
	held []byte
	done bool
}

var _ io.Writer = (*firstLine)(nil)

// Write never fails.
func (f *firstLine) Write(p []byte) (int, error) {
	if f.done {
		return len(p), nil
	}
	f.held = append(f.held, p...)
	if line, _, ok := bytes.Cut(f.held, []byte("\n")); ok {
		f.to <- string(line)
		f.held, f.done = nil, true
	}
	return len(p), nil
}
