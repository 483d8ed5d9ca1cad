// Package config holds every knob of npiflow: what it means, its unit, its
// default and its limits. It reads one YAML file and the environment, refuses
// what cannot work before anything is connected, and knows no other room.
package config

import "time"

// Config is the whole configuration. Every key has a default that works on a
// fresh machine; the key of a field is its yaml tag, joined with dots, and
// its environment variable is that key in capitals: nats.url is
// NPIFLOW_NATS_URL. A secret is never a value here, only the path of a file.
type Config struct {
	// Prefix begins every subject (npi.records.claim) and, in capitals, the
	// name of every stream (NPI_RECORDS). Lower-case letters, digits, - and _.
	// Default npi.
	Prefix    string    `yaml:"prefix"`
	NATS      NATS      `yaml:"nats"`
	Worker    Worker    `yaml:"worker"`
	Enrich    Enrich    `yaml:"enrich"`
	Writeback Writeback `yaml:"writeback"`
	Deliver   Deliver   `yaml:"deliver"`
	HTTP      HTTP      `yaml:"http"`
	Log       Log       `yaml:"log"`
	Formats   Formats   `yaml:"formats"`
}

// NATS says which server keeps the streams and how they are kept.
type NATS struct {
	// URL is one server, or several separated by commas: nats://HOST:4222,
	// tls://, ws:// or wss://. Empty, the default, starts an embedded server.
	// Credentials do not belong in it.
	URL string `yaml:"url"`
	// CredsFile is the path of a NATS credentials file (JWT and seed), for a
	// server at URL. Default none.
	CredsFile string `yaml:"creds_file"`
	// TLS secures the connection to URL.
	TLS TLS `yaml:"tls"`
	// Listen is the address of the embedded server; port 0 takes any free
	// one. Default 127.0.0.1:4222.
	Listen string `yaml:"listen"`
	// Public allows Listen to be reachable from other machines. The embedded
	// server asks nobody for a password. Default false.
	Public bool `yaml:"public"`
	// DataDir is where the embedded server keeps its files. Default data/nats.
	DataDir string `yaml:"data_dir"`
	// Sync says when a stored message is on the disk. Default: default.
	Sync Sync `yaml:"sync"`
	// Replicas is the number of servers that keep each stream, 1 to 5; more
	// than 1 needs a cluster at URL. Default 1.
	Replicas int `yaml:"replicas"`
	// MaxAge is how long every stream keeps a message; 0, the default, keeps
	// it for ever, otherwise at least an hour.
	MaxAge time.Duration `yaml:"max_age"`
}

// Sync is when a stored message is flushed to the disk. It sets the embedded
// server; of a server at nats.url it states what that server does.
type Sync string

// The flushing habits of a server.
const (
	// SyncDefault leaves flushing to the server, every two minutes unless it
	// is told otherwise: a crash loses nothing, a power failure may.
	SyncDefault Sync = "default"
	// SyncAlways flushes before every confirmation. The worker then publishes
	// in atomic batches, each of which is one flush.
	SyncAlways Sync = "always"
)

// TLS names the files of a secured connection; all empty by default.
type TLS struct {
	// CAFile holds the authorities to trust, in PEM. Empty: the system's.
	CAFile string `yaml:"ca_file"`
	// CertFile and KeyFile, in PEM, are who we are. Both or neither.
	CertFile string `yaml:"cert_file"`
	KeyFile  string `yaml:"key_file"`
}

// Worker says what this process does, and how much at once.
type Worker struct {
	// Roles are what this process does. Default validate alone.
	Roles []Role `yaml:"roles"`
	// MaxInFlight bounds the records a lane has at work at once, 1 to 65536.
	// Default 4096.
	MaxInFlight int `yaml:"max_in_flight"`
	// Lanes splits each kind of record over that many lanes, 1 to 64, by a
	// partition of the subject. All workers must agree on it. Default 1.
	Lanes int `yaml:"lanes"`
	// Drain is how long a stopping worker may go on finishing what it holds.
	// What is cut off is done again by the next worker. Default 20s.
	Drain time.Duration `yaml:"drain"`
}

// Role is one of the things a worker can do.
type Role string

// The roles of a worker.
const (
	// RoleValidate turns records into results and write-back jobs.
	RoleValidate Role = "validate"
	// RoleDeliver sends write-back jobs to the write API.
	RoleDeliver Role = "deliver"
)

// Enrich says how the registry is asked.
type Enrich struct {
	API     API     `yaml:"api"`
	Breaker Breaker `yaml:"breaker"`
	Cache   Cache   `yaml:"cache"`
	Local   Local   `yaml:"local"`
	// OnOutage is what becomes of records while the registry cannot be
	// reached. Default hold.
	OnOutage OnOutage `yaml:"on_outage"`
}

// OnOutage is what becomes of records during an outage of the registry.
type OnOutage string

// The choices during an outage.
const (
	// Hold pauses the lane until the registry answers again.
	Hold OnOutage = "hold"
	// Unverified publishes at once, under the verdict of that name.
	Unverified OnOutage = "unverified"
)

// API is the live registry.
type API struct {
	// URL is the NPPES API, version 2.1; https, or http on this machine only.
	// Default https://npiregistry.cms.hhs.gov/api/.
	URL string `yaml:"url"`
	// Timeout bounds one request, body included, and is below the breaker's
	// cooldown. Default 5s.
	Timeout time.Duration `yaml:"timeout"`
	// Rate bounds requests per second; 0 is unlimited. Default 5.
	Rate float64 `yaml:"rate"`
	// Concurrency bounds requests at once, 1 to 1024. Default 4.
	Concurrency int `yaml:"concurrency"`
}

// Breaker stops asking a registry that does not answer.
type Breaker struct {
	// Failures in a row that open it, at least 1. Default 5.
	Failures int `yaml:"failures"`
	// Cooldown is how long it stays open before it lets a probe through.
	// Default 30s.
	Cooldown time.Duration `yaml:"cooldown"`
}

// Cache keeps the registry's answers.
type Cache struct {
	// Size bounds the answers kept in memory, at least 1. Default 1000000.
	Size int `yaml:"size"`
	// TTL is how long an answer is believed. Default 24h.
	TTL time.Duration `yaml:"ttl"`
	// AbsentTTL is how long "no such NPI" is believed, at most TTL: new
	// numbers appear every day. Default 10m.
	AbsentTTL time.Duration `yaml:"absent_ttl"`
	// Shared keeps answers for all workers, in a KV bucket. Default true.
	Shared bool `yaml:"shared"`
}

// Local is the registry built from the bulk files of CMS.
type Local struct {
	// Dir is where it lies; it need not exist, and empty means none.
	// Default data/registry.
	Dir string `yaml:"dir"`
	// MaxAge is how old its files may be before the live API is asked first.
	// Where that cannot be asked they still answer, and results carry the flag
	// stale_evidence. CMS publishes monthly. Default 840h, five weeks.
	MaxAge time.Duration `yaml:"max_age"`
}

// Writeback says whether roster records lead to jobs for the write API.
type Writeback struct {
	// Enabled plans a job where a roster and the registry disagree.
	// Default true.
	Enabled bool `yaml:"enabled"`
}

// Deliver is the write API that jobs are sent to by a worker with the role
// deliver.
type Deliver struct {
	// URL is its base address; https, or http on this machine only. The role
	// deliver needs it. Default none.
	URL string `yaml:"url"`
	// Username for HTTP Basic authentication. Default none.
	Username string `yaml:"username"`
	// PasswordFile is the path of a file that holds the password alone.
	// Default none.
	PasswordFile string `yaml:"password_file"`
}

// HTTP is where the worker serves its dashboard, health and metrics.
type HTTP struct {
	// Addr to listen on; port 0 takes any free one. Default 127.0.0.1:8080.
	Addr string `yaml:"addr"`
	// Public allows Addr to be reachable from other machines. Nothing there
	// asks for a password. Default false.
	Public bool `yaml:"public"`
}

// Log says what is written to standard error.
type Log struct {
	// Level is the least that is written: trace, debug, info, warn or error.
	// Default info.
	Level string `yaml:"level"`
	// Format is console or json; auto, the default, is console on a terminal.
	Format Format `yaml:"format"`
}

// Format is the form of a log line.
type Format string

// The forms of a log line.
const (
	FormatAuto    Format = "auto"
	FormatConsole Format = "console"
	FormatJSON    Format = "json"
)

// Default is the configuration of a fresh machine: an embedded server and the
// public registry, asked politely.
func Default() Config {
	return Config{
		Prefix: "npi",
		NATS:   NATS{Listen: "127.0.0.1:4222", DataDir: "data/nats", Sync: SyncDefault, Replicas: 1},
		Worker: Worker{Roles: []Role{RoleValidate}, MaxInFlight: 4096, Lanes: 1, Drain: 20 * time.Second},
		Enrich: Enrich{
			API:      API{URL: "https://npiregistry.cms.hhs.gov/api/", Timeout: 5 * time.Second, Rate: 5, Concurrency: 4},
			Breaker:  Breaker{Failures: 5, Cooldown: 30 * time.Second},
			Cache:    Cache{Size: 1_000_000, TTL: 24 * time.Hour, AbsentTTL: 10 * time.Minute, Shared: true},
			Local:    Local{Dir: "data/registry", MaxAge: 840 * time.Hour},
			OnOutage: Hold,
		},
		Writeback: Writeback{Enabled: true},
		HTTP:      HTTP{Addr: "127.0.0.1:8080"},
		Log:       Log{Level: "info", Format: FormatAuto},
	}
}
