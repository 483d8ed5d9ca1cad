package config

import (
	"fmt"
	"io"
	"reflect"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// Dump writes the configuration as YAML that Load reads back. It holds no
// secret: those are in files of their own, and what stands for one in an
// address, where Validate would refuse it, is cut out.
func (c Config) Dump(w io.Writer) error {
	for _, address := range []*string{&c.NATS.URL, &c.Enrich.API.URL, &c.Deliver.URL} {
		*address = redact(*address)
	}
	if _, err := io.WriteString(w, group(reflect.ValueOf(c), "")); err != nil {
		return fmt.Errorf("dump the configuration: %w", err)
	}
	return nil
}

// group is written out by hand because the encoder of the YAML library leaves
// texts such as "? !" unquoted, which its parser then refuses.
func group(v reflect.Value, indent string) string {
	var b strings.Builder
	for i := range v.NumField() {
		b.WriteString(indent + v.Type().Field(i).Tag.Get("yaml") + ":")
		if f := v.Field(i); f.Kind() == reflect.Struct {
			b.WriteString("\n" + group(f, indent+"  "))
		} else {
			b.WriteString(" " + plain(f) + "\n")
		}
	}
	return b.String()
}

// plain is one value in YAML. A quoted Go string is a quoted YAML string too.
func plain(f reflect.Value) string {
	switch v := f.Interface().(type) {
	case time.Duration:
		return short(v)
	case []Role:
		quoted := make([]string, len(v))
		for i, role := range v {
			quoted[i] = strconv.Quote(string(role))
		}
		return "[" + strings.Join(quoted, ", ") + "]"
	case []JSONFormat:
		return flow(f)
	case int, float64, bool:
		return fmt.Sprint(v)
	}
	return strconv.Quote(f.String())
}

const redacted = "xxxxx"

var schemeForm = regexp.MustCompile(`^[a-z]+://`)

// redact cuts credentials and queries out of one address or a list of them.
// It works on the text, not on a parsed URL, because the addresses most worth
// hiding are those that do not parse; it rather cuts too much.
func redact(address string) string {
	if at := strings.LastIndexByte(address, '@'); at >= 0 {
		address = schemeForm.FindString(address) + redacted + address[at:]
	}
	if query := strings.IndexAny(address, "?#"); query >= 0 {
		address = address[:query+1] + redacted
	}
	return address
}

// show is a value as a fault quotes it.
func show(v any) string {
	switch v := v.(type) {
	case time.Duration:
		return short(v)
	case int, float64:
		return fmt.Sprint(v)
	}
	return fmt.Sprintf("%q", v)
}

// short drops the zero units that Duration.String writes: 840h, not 840h0m0s.
func short(d time.Duration) string {
	s := d.String()
	if strings.HasSuffix(s, "m0s") {
		s = strings.TrimSuffix(s, "0s")
	}
	if strings.HasSuffix(s, "h0m") {
		s = strings.TrimSuffix(s, "0m")
	}
	return s
}
