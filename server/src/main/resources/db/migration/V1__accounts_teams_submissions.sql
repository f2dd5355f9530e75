-- Standard SQL that H2 and PostgreSQL both take. Times are instants; hashes are SHA-256 in lower-case hex.

create table account (
  id       uuid primary key,
  email    varchar(254) not null unique, -- lower case; what people sign in with
  name     varchar(80) not null,
  password varchar(100) not null,        -- encoded
  role     varchar(20) not null,         -- COMPETITOR, VERIFIER, ORGANISER
  created  timestamp with time zone not null
);

-- For the command line. Only the hash is kept; the token itself is shown once.
create table token (
  id      uuid primary key,
  account uuid not null references account,
  name    varchar(80) not null,
  hash    varchar(64) not null unique,
  created timestamp with time zone not null
);

create table team (
  id       uuid primary key,
  name     varchar(80) not null,
  name_key varchar(80) not null unique, -- lower case
  created  timestamp with time zone not null
);

-- One account is in one team at most.
create table membership (
  account uuid primary key references account,
  team    uuid not null references team,
  joined  timestamp with time zone not null
);

-- A link that lets one account in, once.
create table invitation (
  hash    varchar(64) primary key,
  team    uuid not null references team,
  expires timestamp with time zone not null
);

-- What a team hands in: a dataset (document: its manifest) or predictions (document: its claim).
create table submission (
  id        uuid primary key,
  team      uuid not null references team,
  kind      varchar(20) not null,             -- DATASET, TEST
  committed timestamp with time zone not null,
  document  varchar(1000000) not null,        -- JSON
  receipt   varchar(1000),                    -- JSON; of datasets
  state     varchar(20) not null,
  arrived   timestamp with time zone,         -- when the last byte of the upload had come
  attempts  int not null default 0,           -- how often the job was begun
  claimed   double precision,                 -- mIoU in percent; of predictions
  miou      double precision,                 -- recomputed, in percent; of predictions
  report    varchar(1000000)                  -- JSON, once the job is done
);
create index submission_by_team on submission (team, kind, committed);

-- The timeline that the team sees.
create table submission_event (
  number     bigint generated always as identity primary key,
  submission uuid not null references submission,
  time       timestamp with time zone not null,
  reason     varchar(40) not null,
  message    varchar(2000) not null
);
create index submission_event_by_submission on submission_event (submission, number);

-- A file that arrives in parts. The bytes up to "received" are on the disk for good.
create table upload (
  id         uuid primary key,
  submission uuid not null unique references submission,
  length     bigint not null,
  received   bigint not null default 0
);

create table verification (
  number      bigint generated always as identity primary key,
  team        uuid not null references team,
  time        timestamp with time zone not null,
  verifier    varchar(80) not null,
  verdict     varchar(20) not null,
  reason      varchar(2000) not null,
  evidence    varchar(2000) not null
);

create table disqualification (
  team        uuid primary key references team,
  reason      varchar(2000) not null,
  evidence    varchar(2000) not null, -- one item a line
  proposed_by varchar(254) not null,
  proposed    timestamp with time zone not null,
  signed_by   varchar(254),
  signed      timestamp with time zone
);

-- The hash-chained log, one canonical line an entry.
create table audit_entry (
  number int primary key,
  line   varchar(1000000) not null
);
-- Its only row is locked while an entry is added.
create table audit_lock (one int primary key);
insert into audit_lock values (1);

-- Jobs, as db-scheduler lays them out.
create table scheduled_tasks (
  task_name            varchar(100) not null,
  task_instance        varchar(100) not null,
  task_data            bytea,
  execution_time       timestamp with time zone not null,
  picked               boolean not null,
  picked_by            varchar(50),
  last_success         timestamp with time zone,
  last_failure         timestamp with time zone,
  consecutive_failures int,
  last_heartbeat       timestamp with time zone,
  version              bigint not null,
  priority             smallint,
  primary key (task_name, task_instance)
);
create index scheduled_tasks_by_time on scheduled_tasks (execution_time);
create index scheduled_tasks_by_heartbeat on scheduled_tasks (last_heartbeat);
