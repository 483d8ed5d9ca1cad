package config

import (
	"errors"
	"reflect"
	"strconv"
	"strings"
	"time"
	"unicode"
)

// envPrefix begins the name of every variable that is ours.
const envPrefix = "NPIFLOW_"

// leaf is one key: its dotted name and the field behind it.
type leaf struct {
	key   string
	field reflect.Value
}

// leaves lists every key of c in the order of the struct. The yaml tags are
// the only place where a key is spelled; file, environment and suggestions
// all come from here.
func leaves(c *Config) []leaf { return leavesOf("", reflect.ValueOf(c).Elem()) }

func leavesOf(prefix string, v reflect.Value) []leaf {
	var out []leaf
	for i := range v.NumField() {
		key := join(prefix, v.Type().Field(i).Tag.Get("yaml"))
		if f := v.Field(i); f.Kind() == reflect.Struct {
			out = append(out, leavesOf(key, f)...)
		} else {
			out = append(out, leaf{key, f})
		}
	}
	return out
}

func join(prefix, name string) string {
	if prefix == "" {
		return name
	}
	return prefix + "." + name
}

// env is the variable that overrides the key: NPIFLOW_NATS_URL for nats.url.
func (l leaf) env() string {
	return envPrefix + strings.ToUpper(strings.ReplaceAll(l.key, ".", "_"))
}

// list reports whether the key takes several values.
func (l leaf) list() bool { return l.field.Kind() == reflect.Slice }

// set reads text into the field: the one reader for file and environment. On
// an error, which tells what to write instead, the field keeps its value.
func (l leaf) set(text string) error {
	if strings.ContainsFunc(text, unicode.IsControl) {
		return errControl
	}
	switch l.field.Interface().(type) {
	case time.Duration:
		d, err := time.ParseDuration(text)
		return store(l.field, d, err, "write a duration such as 30s, 10m or 24h")
	case int:
		n, err := strconv.Atoi(text)
		return store(l.field, n, err, "write a whole number")
	case float64:
		n, err := strconv.ParseFloat(text, 64)
		return store(l.field, n, err, "write a number")
	case bool:
		b, err := strconv.ParseBool(text)
		return store(l.field, b, err, "write true or false")
	case []Role:
		l.field.Set(reflect.ValueOf(roles(text)))
	case []JSONFormat:
		formats, err := jsonFormats(text)
		if err != nil {
			return err
		}
		l.field.Set(reflect.ValueOf(formats))
	default:
		l.field.SetString(text)
	}
	return nil
}

func store(field reflect.Value, v any, err error, advice string) error {
	if err != nil {
		return errors.New(advice)
	}
	field.Set(reflect.ValueOf(v))
	return nil
}

// errControl is told without the value: a text of several lines is most
// likely a pasted key or certificate.
var errControl = errors.New("has line breaks or control characters; write it on one line (for a secret: the path of its file)")

// roles splits "validate, deliver".
func roles(text string) []Role {
	var out []Role
	for s := range strings.SplitSeq(text, ",") {
		if s = strings.TrimSpace(s); s != "" {
			out = append(out, Role(s))
		}
	}
	return out
}
