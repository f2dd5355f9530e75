-- A verdict is on the dataset that was looked at, and holds for no other of its team.
alter table verification add column submission uuid references submission;
update verification set submission = (
  select s.id from submission s
  where s.team = verification.team and s.kind = 'DATASET' and s.state = 'ACCEPTED' and s.committed <= verification.time
  order by s.committed desc fetch first 1 row only);
alter table verification alter column submission set not null;
alter table verification drop column team;

-- The fingerprint of the checkpoint, of results that came as one: it must be that of the dataset that counts.
alter table submission add column network varchar(64);
