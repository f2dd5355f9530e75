-- Teams may hand in checkpoints, too.
update submission set document = replace(document, '"predictionsHash":', '"kind":"PREDICTIONS","fileHash":')
  where kind = 'TEST';

-- A dataset's samples made again by the server because a verifier wants it.
create table rerun (
  id          uuid primary key,
  submission  uuid not null references submission,
  account     uuid not null references account,
  requested   timestamp with time zone not null,
  public_seed varchar(200) not null,
  retrain     boolean not null, -- whether a network is trained on it again, too
  state       varchar(20) not null,
  attempts    int not null default 0,
  verdict     varchar(20),
  message     varchar(2000) not null default ''
);
create index rerun_by_submission on rerun (submission, requested);
