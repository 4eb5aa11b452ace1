# refused 的词语。
