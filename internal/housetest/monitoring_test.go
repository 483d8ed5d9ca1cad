package housetest

import (
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/compose-spec/compose-go/v2/types"
	"github.com/go-json-experiment/json"
	"github.com/goccy/go-yaml"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// prometheusFile is what prometheus.yml may say here.
type prometheusFile struct {
	Global        map[string]string `yaml:"global"`
	RuleFiles     []string          `yaml:"rule_files"`
	ScrapeConfigs []struct {
		JobName      string `yaml:"job_name"`
		DNSSDConfigs []struct {
			Names           []string `yaml:"names"`
			Type            string   `yaml:"type"`
			Port            int      `yaml:"port"`
			RefreshInterval string   `yaml:"refresh_interval"`
		} `yaml:"dns_sd_configs"`
	} `yaml:"scrape_configs"`
}

// ruleFile is a file of alert rules.
type ruleFile struct {
	Groups []struct {
		Name  string `yaml:"name"`
		Rules []rule `yaml:"rules"`
	} `yaml:"groups"`
}

type rule struct {
	Alert       string            `yaml:"alert"`
	Expr        string            `yaml:"expr"`
	For         string            `yaml:"for"`
	Labels      map[string]string `yaml:"labels"`
	Annotations map[string]string `yaml:"annotations"`
}

func readYAML(t *testing.T, path string, into any) {
	t.Helper()
	data, err := os.ReadFile(path)
	require.NoError(t, err)
	require.NoError(t, yaml.UnmarshalWithOptions(data, into, yaml.Strict()), path)
}

// prometheus reads the configuration the service mounts.
func prometheus(t *testing.T, s types.ServiceConfig) prometheusFile {
	t.Helper()
	var file prometheusFile
	for _, arg := range s.Command {
		if path, ok := strings.CutPrefix(arg, "--config.file="); ok {
			readYAML(t, mounted(s, path), &file)
		}
	}
	require.NotEmpty(t, file.ScrapeConfigs)
	return file
}

func TestPrometheusScrapesTheWorker(t *testing.T) {
	project := compose(t)
	watcher, worker := project.Services["prometheus"], project.Services["worker"]
	for _, scraped := range prometheus(t, watcher).ScrapeConfigs {
		require.Len(t, scraped.DNSSDConfigs, 1)
		assert.Equal(t, []string{worker.Name}, scraped.DNSSDConfigs[0].Names)
		assert.Equal(t, portOf(t, load(t, worker).HTTP.Addr), scraped.DNSSDConfigs[0].Port)
		assert.True(t, meet(watcher, worker), "they share no network")
	}
}

// checkRules holds every alert against the metrics that are really there.
func checkRules(t *testing.T, s types.ServiceConfig, found series) {
	seen := map[string]bool{}
	for _, path := range prometheus(t, s).RuleFiles {
		var file ruleFile
		readYAML(t, mounted(s, path), &file)
		for _, g := range file.Groups {
			for _, r := range g.Rules {
				assert.False(t, seen[r.Alert], "%s is there twice", r.Alert)
				seen[r.Alert] = true
				checkRule(t, r, found)
			}
		}
	}
	assert.GreaterOrEqual(t, len(seen), 8)
}

func checkRule(t *testing.T, r rule, found series) {
	checkExpr(t, r.Alert, r.Expr, found)
	if r.For != "" {
		_, err := time.ParseDuration(r.For)
		assert.NoError(t, err, r.Alert)
	}
	assert.Contains(t, []string{"critical", "warning"}, r.Labels["severity"], r.Alert)
	assert.NotEmpty(t, r.Annotations["summary"], r.Alert)
	assert.NotEmpty(t, r.Annotations["description"], "%s does not say what to do", r.Alert)
	for _, text := range r.Annotations {
		for _, m := range regexp.MustCompile(`\$labels\.(\w+)`).FindAllStringSubmatch(text, -1) {
			assert.Regexp(t, `\bby \([^)]*\b`+m[1]+`\b`, r.Expr, "%s names a label that its expression drops", r.Alert)
		}
	}
}

var (
	selector = regexp.MustCompile(`\b((?:npiflow|process|go)_\w+)(?:\{([^}]*)\})?`)
	matcher  = regexp.MustCompile(`(\w+)\s*(=~|!~|!=|=)\s*"([^"]*)"`)
	grouping = regexp.MustCompile(`\b(?:by|on|without|ignoring|group_left|group_right)\s*\(([^)]*)\)`)
	template = regexp.MustCompile(`\{\{\s*(\w+)\s*\}\}`)
)

// added are the labels that Prometheus gives to every series of a worker.
var added = []string{"instance", "job"}

// checkExpr wants every metric, label and label value of a PromQL expression
// to be one the worker has.
func checkExpr(t *testing.T, where, expr string, found series) {
	selectors := selector.FindAllStringSubmatch(expr, -1)
	labels := slices.Clone(added)
	for _, m := range selectors {
		has, ok := found[m[1]]
		if !assert.True(t, ok, "%s asks for %s, which no worker has", where, m[1]) {
			continue
		}
		for name := range has {
			labels = append(labels, name)
		}
		for _, l := range matcher.FindAllStringSubmatch(m[2], -1) {
			checkMatcher(t, where, m[1], l, has)
		}
	}
	for _, m := range grouping.FindAllStringSubmatch(expr, -1) {
		for name := range strings.SplitSeq(m[1], ",") {
			assert.Contains(t, labels, strings.TrimSpace(name), "%s groups by a label that is not there", where)
		}
	}
	assert.Equal(t, strings.Count(expr, "("), strings.Count(expr, ")"), "%s: %s", where, expr)
	assert.True(t, len(selectors) > 0 || strings.Contains(expr, "up{"), "%s asks for nothing", where)
}

func checkMatcher(t *testing.T, where, metric string, l []string, has map[string][]string) {
	name, value := l[1], l[3]
	if slices.Contains(added, name) || strings.HasPrefix(value, "$") {
		return
	}
	for want := range strings.SplitSeq(value, "|") {
		assert.Contains(t, has[name], want, "%s asks for %s with %s, which it never has", where, metric, l[0])
	}
}

// dashboard is what is checked of a dashboard's JSON.
type dashboard struct {
	UID    string `json:"uid"`
	Panels []struct {
		ID         int    `json:"id"`
		Type       string `json:"type"`
		Title      string `json:"title"`
		Datasource struct {
			UID string `json:"uid"`
		} `json:"datasource"`
		GridPos struct{ X, Y, W, H int } `json:"gridPos"`
		Targets []struct {
			Expr         string `json:"expr"`
			LegendFormat string `json:"legendFormat"`
		} `json:"targets"`
	} `json:"panels"`
}

// checkDashboards holds what Grafana shows against the metrics that are
// really there.
func checkDashboards(t *testing.T, s types.ServiceConfig, found series) {
	var provided struct {
		Version   int `yaml:"apiVersion"`
		Providers []struct {
			Name    string
			Type    string
			Allow   bool `yaml:"allowUiUpdates"`
			Options struct{ Path string }
		}
	}
	readYAML(t, mounted(s, "/etc/grafana/provisioning/dashboards/npiflow.yml"), &provided)
	require.NotEmpty(t, provided.Providers)
	for _, p := range provided.Providers {
		files, err := filepath.Glob(filepath.Join(mounted(s, p.Options.Path), "*.json"))
		require.NoError(t, err)
		require.NotEmpty(t, files, "%s has no dashboard", p.Options.Path)
		for _, file := range files {
			checkDashboard(t, file, datasource(t, s), found)
		}
	}
	home := s.Environment["GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH"]
	require.NotNil(t, home)
	assert.FileExists(t, mounted(s, *home))
}

func checkDashboard(t *testing.T, file, source string, found series) {
	data, err := os.ReadFile(file)
	require.NoError(t, err)
	var d dashboard
	require.NoError(t, json.Unmarshal(data, &d, json.MatchCaseInsensitiveNames(true)))
	assert.NotEmpty(t, d.UID)
	taken, ids := map[[2]int]string{}, map[int]bool{}
	for _, p := range d.Panels {
		assert.False(t, ids[p.ID], "%s: two panels have the id %d", p.Title, p.ID)
		ids[p.ID] = true
		for x := p.GridPos.X; x < p.GridPos.X+p.GridPos.W; x++ {
			for y := p.GridPos.Y; y < p.GridPos.Y+p.GridPos.H; y++ {
				assert.Empty(t, taken[[2]int{x, y}], "%s lies over another panel", p.Title)
				taken[[2]int{x, y}] = p.Title
			}
		}
		if p.Type == "row" {
			continue
		}
		assert.Equal(t, source, p.Datasource.UID, p.Title)
		assert.NotEmpty(t, p.Targets, p.Title)
		for _, target := range p.Targets {
			checkExpr(t, p.Title, target.Expr, found)
			for _, m := range template.FindAllStringSubmatch(target.LegendFormat, -1) {
				assert.True(t, !strings.Contains(target.Expr, " by (") || regexp.MustCompile(`\bby \([^)]*\b`+m[1]+`\b`).MatchString(target.Expr),
					"%s: its legend names %s, which its expression drops", p.Title, m[1])
			}
		}
	}
}

// datasource gives the id of the source Grafana is provisioned with, which
// must be the Prometheus beside it.
func datasource(t *testing.T, s types.ServiceConfig) string {
	t.Helper()
	var file struct {
		Datasources []struct{ UID, URL string }
	}
	data, err := os.ReadFile(mounted(s, "/etc/grafana/provisioning/datasources/prometheus.yml"))
	require.NoError(t, err)
	require.NoError(t, yaml.Unmarshal(data, &file))
	require.Len(t, file.Datasources, 1)
	at, err := url.Parse(file.Datasources[0].URL)
	require.NoError(t, err)
	other, ok := compose(t).Services[at.Hostname()]
	require.True(t, ok, "Grafana asks %q, which is no service", at.Hostname())
	assert.True(t, meet(s, other), "Grafana and %s share no network", other.Name)
	require.Len(t, other.Ports, 1)
	assert.Equal(t, strconv.Itoa(int(other.Ports[0].Target)), at.Port())
	return file.Datasources[0].UID
}
