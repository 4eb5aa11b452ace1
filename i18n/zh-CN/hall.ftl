# hall 的词语。
