package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/spf13/cobra"

	"github.com/npiflow/npiflow/cmd/internal/assembly"
	"github.com/npiflow/npiflow/config"
	"github.com/npiflow/npiflow/internal/broker"
)

func doctorCommand(load func() (config.Config, error)) *cobra.Command {
	var asJSON, verbose bool
	c := &cobra.Command{
		Use:   "doctor",
		Short: "look at everything a worker needs and say what to do",
		Long: "Looks at the configuration, the server and its streams, the lanes, the registry and this machine, and\n" +
			"says ok, warn or fail of each, with what to do. It creates, changes and starts nothing, and asks the\n" +
			"registry one question, for the NPI that CMS uses as its example.\n\n" +
			"Exit codes: 0 nothing worse than warn; 1 any fail; 2 configuration; 3 server not reachable.",
		Example: "  worker doctor --config config/npiflow.yaml\n  worker doctor --verbose\n  worker doctor --json | grep -v '\"ok\"'",
		Args:    noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			d := &doctor{printer: newPrinter(cmd.OutOrStdout(), asJSON), verbose: verbose}
			if f := cmd.Flag("config"); f != nil {
				d.file = f.Value.String()
			}
			cfg, err := load()
			if err != nil {
				return d.misconfigured(err)
			}
			return d.examine(cmd.Context(), cfg)
		},
	}
	c.Flags().BoolVar(&asJSON, "json", false, "one JSON object a line: state, name, detail, do")
	c.Flags().BoolVarP(&verbose, "verbose", "v", false, "show the configuration in force")
	return c
}

// doctor prints what it finds as it finds it, and remembers the worst.
type doctor struct {
	printer
	file    string // configuration file; "" is none
	verbose bool
	fails   int
	away    error // why the server cannot be reached
}

func (d *doctor) say(all ...line) {
	for _, l := range all {
		d.print(l)
		if l.State == stateFail {
			d.fails++
		}
	}
}

func (d *doctor) misconfigured(err error) error {
	var faults *config.Error
	if !errors.As(err, &faults) {
		return err
	}
	for _, f := range faults.Faults {
		d.say(fail("configuration", "mend it in the file or the environment; config/npiflow.yaml explains every key", "%s", f))
	}
	return &verdict{fmt.Sprintf("the configuration has %s", counted(uint64(len(faults.Faults)), "fault")), err}
}

// examine looks at everything, the configuration first and the outside world
// in the order in which a worker meets it.
func (d *doctor) examine(ctx context.Context, cfg config.Config) error {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Minute)
	defer cancel()
	d.say(configured(d.file, os.Environ()))
	if d.verbose {
		if err := d.dump(cfg); err != nil {
			return err
		}
	}
	b := d.connect(ctx, cfg)
	if b != nil {
		defer b.Close()
	}
	t := assembly.Topology(cfg)
	if b != nil {
		d.say(asConfigured(broker.Check(ctx, b.JS, t))...)
		d.say(storage(ctx, b, cfg, t))
	}
	d.say(synced(cfg.NATS))
	d.say(timeouts(cfg)...)
	if b != nil {
		d.say(deadLetters(ctx, b.JS, t))
		d.say(lanes(ctx, b.JS, t)...)
	}
	d.say(registryAnswers(ctx, cfg.Enrich.API))
	d.say(localRegistry(cfg.Enrich.Local, time.Now())...)
	d.say(httpFree(ctx, cfg.HTTP.Addr), deliveries(cfg))
	switch {
	case d.away != nil:
		return &verdict{"the server cannot be reached", d.away}
	case d.fails > 0:
		return &verdict{text: fmt.Sprintf("%s would keep a worker from its work", counted(uint64(d.fails), "fault"))}
	}
	return nil
}

func (d *doctor) dump(cfg config.Config) error {
	var b strings.Builder
	if err := cfg.Dump(&b); err != nil {
		return err
	}
	if d.json {
		d.say(line{State: stateOK, Name: "configuration in force", Detail: b.String()})
		return nil
	}
	for l := range strings.Lines(b.String()) {
		_, _ = fmt.Fprint(d.out, "      ", l)
	}
	return nil
}

// connect gives the server if there is one that can be used, and says of it
// what there is to say, or why not.
func (d *doctor) connect(ctx context.Context, cfg config.Config) *assembly.Broker {
	b, err := assembly.Connect(cfg, "npiflow doctor", false)
	if err != nil {
		l := unreached(ctx, cfg, err)
		if l.State == stateFail {
			d.away = err
		}
		d.say(l)
		return nil
	}
	js := jetStream(ctx, b.JS, cfg)
	d.say(answers(ctx, b, cfg), js)
	if js.State == stateFail {
		b.Close()
		return nil
	}
	return b
}

// The states of a line of doctor's.
const (
	stateOK   = "ok"
	stateWarn = "warn" // works, but not as well as it could, or not for long
	stateFail = "fail" // a worker could not do its work
)

// line is one thing looked at. Do is what to do about it, for a person.
type line struct {
	State  string `json:"state"`
	Name   string `json:"name"`
	Detail string `json:"detail,omitzero"`
	Do     string `json:"do,omitzero"`
}

func ok(name, format string, args ...any) line {
	return line{State: stateOK, Name: name, Detail: fmt.Sprintf(format, args...)}
}

func warn(name, do, format string, args ...any) line {
	return line{stateWarn, name, fmt.Sprintf(format, args...), do}
}

func fail(name, do, format string, args ...any) line {
	return line{stateFail, name, fmt.Sprintf(format, args...), do}
}

// verdict ends a command whose lines have told everything: one sentence, and
// an exit code that is the cause's, or 1 where there is none.
type verdict struct {
	text  string
	cause error
}

func (v *verdict) Error() string { return v.text }

func (v *verdict) Unwrap() error { return v.cause }

// printer writes lines: in columns for a person, plainly where the output is
// piped, or as JSON.
type printer struct {
	out    io.Writer
	json   bool
	person bool
}

func newPrinter(out io.Writer, asJSON bool) printer {
	f, isFile := out.(*os.File)
	return printer{out: out, json: asJSON, person: isFile && assembly.IsTerminal(f)}
}

// print writes one line. A failed write is left to the next: an output that is
// gone must not keep the exit code from telling.
func (p printer) print(l line) {
	detail := cut(l.Detail, longest)
	switch {
	case p.json:
		// A server's own words may not be UTF-8; that is no reason to hide the line.
		if body, err := json.Marshal(l, jsontext.AllowInvalidUTF8(true)); err == nil {
			_, _ = fmt.Fprintf(p.out, "%s\n", body)
		}
	case p.person:
		_, _ = fmt.Fprintf(p.out, "%s  %-24s  %s\n", paintState(l.State), l.Name, detail)
		if l.Do != "" {
			_, _ = fmt.Fprintf(p.out, "%-7s  %-24s  → %s\n", "", "", l.Do)
		}
	default:
		_, _ = fmt.Fprintln(p.out, plainLine(l.State+" "+l.Name, detail, l.Do))
	}
}

func plainLine(text, detail, do string) string {
	if detail != "" {
		text += ": " + detail
	}
	if do != "" {
		text += " (do: " + do + ")"
	}
	return text
}

const longest = 1000 // characters of a detail

var stateColors = map[string]string{stateOK: "32", stateWarn: "33", stateFail: "31",
	stateCreated: "32", stateAltered: "33", stateDiffers: "31"}

func paintState(state string) string {
	text := fmt.Sprintf("%-7s", state)
	if c, ok := stateColors[state]; ok && os.Getenv("NO_COLOR") == "" {
		return "\x1b[" + c + "m" + text + "\x1b[0m"
	}
	return text
}

// counted is "1 fault" or "3 faults".
func counted(n uint64, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
