# technician 的词语。
