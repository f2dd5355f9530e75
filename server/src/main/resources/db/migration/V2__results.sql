-- Teams may hand in checkpoints, too.
update submission set document = replace(document, '"predictionsHash":', '"kind":"PREDICTIONS","fileHash":')
  where kind = 'TEST';
