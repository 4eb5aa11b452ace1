# watch 的词语。
