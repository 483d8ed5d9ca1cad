package config

import (
	"errors"
	"fmt"
	"reflect"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
)

// reading is one file on its way into a Config. It walks the syntax tree
// instead of decoding, because a decoder stops at the first fault and its
// errors quote the lines around it.
type reading struct {
	path   string
	leaves map[string]leaf
	keys   []string // of the leaves, in order
	faults faults
}

// readYAML sets every key that data has a value for; an empty value leaves
// the default.
func readYAML(path string, data []byte, c *Config) faults {
	file, err := parser.ParseBytes(data, 0)
	if err != nil {
		return faults{syntaxFault(path, err)}
	}
	r := &reading{path: path, leaves: map[string]leaf{}}
	for _, l := range leaves(c) {
		r.leaves[l.key] = l
		r.keys = append(r.keys, l.key)
	}
	seen := false
	for _, doc := range file.Docs {
		if doc.Body == nil {
			continue
		}
		if seen {
			r.fault(doc.Body, "a second document; keep one")
			break
		}
		seen = true
		r.group("", doc.Body)
	}
	return r.faults
}

// syntaxFault keeps the message and the place, and leaves out the excerpt.
func syntaxFault(path string, err error) string {
	var e yaml.Error
	if !errors.As(err, &e) {
		return path + ": not YAML"
	}
	return place(path, e.GetToken()) + ": not YAML: " + e.GetMessage()
}

func place(path string, t *token.Token) string {
	if t == nil || t.Position == nil {
		return path
	}
	return fmt.Sprintf("%s:%d:%d", path, t.Position.Line, t.Position.Column)
}

func (r *reading) fault(at ast.Node, format string, args ...any) {
	r.faults.add("%s: %s", place(r.path, at.GetToken()), fmt.Sprintf(format, args...))
}

// group reads the mapping of all keys that begin with prefix.
func (r *reading) group(prefix string, node ast.Node) {
	switch n := node.(type) {
	case *ast.NullNode, *ast.CommentGroupNode:
	case *ast.MappingNode:
		for _, pair := range n.Values {
			r.pair(prefix, pair)
		}
	case *ast.MappingValueNode:
		r.pair(prefix, n)
	default:
		r.fault(node, "%s holds keys of its own; write one below it on each line", orFile(prefix))
	}
}

func orFile(prefix string) string {
	if prefix == "" {
		return "the file"
	}
	return prefix
}

func (r *reading) pair(prefix string, pair *ast.MappingValueNode) {
	key := join(prefix, pair.Key.GetToken().Value)
	if l, ok := r.leaves[key]; ok {
		r.value(l, pair.Value)
		return
	}
	if r.isGroup(key) {
		r.group(key, pair.Value)
		return
	}
	r.fault(pair.Key, "%.80q: no such key; did you mean %s?", key, nearest(key, r.keys))
}

func (r *reading) isGroup(key string) bool {
	for _, k := range r.keys {
		if strings.HasPrefix(k, key+".") {
			return true
		}
	}
	return false
}

func (r *reading) value(l leaf, node ast.Node) {
	if _, empty := node.(*ast.NullNode); empty {
		return
	}
	if _, ok := l.field.Interface().([]JSONFormat); ok && isSequence(node) {
		var formats []JSONFormat
		r.structure(l.key, node, reflect.ValueOf(&formats).Elem())
		l.field.Set(reflect.ValueOf(formats))
		return
	}
	text, ok := scalar(node)
	if seq, isList := node.(*ast.SequenceNode); isList && l.list() {
		text, ok = items(seq)
	}
	if !ok {
		r.fault(node, "%s: not a plain value; write it on the line of its key", l.key)
		return
	}
	if err := l.set(text); err != nil {
		r.faults.badText(place(r.path, node.GetToken())+": "+l.key, text, err)
	}
}

// scalar is the text of a plain or quoted value, without YAML's opinion of
// its type: a key knows what it wants.
func scalar(node ast.Node) (string, bool) {
	switch n := node.(type) {
	case *ast.StringNode:
		return n.Value, true
	case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode:
		return n.GetToken().Value, true
	}
	return "", false
}

func items(seq *ast.SequenceNode) (string, bool) {
	texts := make([]string, len(seq.Values))
	for i, v := range seq.Values {
		var ok bool
		if texts[i], ok = scalar(v); !ok {
			return "", false
		}
	}
	return strings.Join(texts, ","), true
}
