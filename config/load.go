package config

import (
	"fmt"
	"io"
	"os"
	"strings"
)

// maxFile bounds the configuration file, in bytes: many times the annotated
// example, and little enough that the YAML parser, whose time grows with the
// square of the nesting, is done with the worst of them in seconds.
const maxFile = 32 << 10

// Error is a configuration nothing should be started with.
type Error struct {
	// Faults has one line for each fault: where it stands (the key, the
	// variable, or file:line:column), what stands there, and what to do.
	// Credentials in addresses are cut out.
	Faults []string
}

// Error gives all faults, one on a line.
func (e *Error) Error() string {
	if len(e.Faults) == 1 {
		return "read the configuration: " + e.Faults[0]
	}
	return fmt.Sprintf("read the configuration: %d faults\n  %s", len(e.Faults), strings.Join(e.Faults, "\n  "))
}

// Load gives the defaults, overridden by the YAML file at path (none where
// path is ""), overridden by the NPIFLOW_ variables of env, which has the form
// of os.Environ. An error is always an *Error and names all faults of file,
// environment and values at once.
func Load(path string, env []string) (Config, error) {
	c := Default()
	var f faults
	if path != "" {
		if data, err := readFile(path); err != nil {
			f = append(f, fmt.Sprintf("%s: %v; name a YAML file of at most %d bytes", path, err, maxFile))
		} else {
			f = append(f, readYAML(path, data, &c)...)
		}
	}
	f = append(f, readEnv(env, &c)...)
	f = append(f, c.faults()...)
	if len(f) > 0 {
		return Config{}, &Error{f}
	}
	return c, nil
}

func readFile(path string) ([]byte, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, bare(err)
	}
	defer file.Close()
	data, err := io.ReadAll(io.LimitReader(file, maxFile+1))
	if err != nil {
		return nil, bare(err)
	}
	if len(data) > maxFile {
		return nil, fmt.Errorf("too large")
	}
	return data, nil
}

// readEnv sets every key that env has a variable for. A variable with our
// prefix and no key is a fault: a misspelt override must not pass in silence.
func readEnv(env []string, c *Config) faults {
	byName := map[string]leaf{}
	var names []string
	for _, l := range leaves(c) {
		byName[l.env()] = l
		names = append(names, l.env())
	}
	var f faults
	for _, pair := range env {
		name, value, _ := strings.Cut(pair, "=")
		if !strings.HasPrefix(name, envPrefix) {
			continue
		}
		l, ok := byName[name]
		if !ok {
			f.add("%.80s: no such variable; unset it, or did you mean %s?", name, nearest(name, names))
		} else if err := l.set(value); err != nil {
			f.badText(name, value, err)
		}
	}
	return f
}
