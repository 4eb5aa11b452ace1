# 几个界面共用的词语。

product = 一堂
language = 语言
link-missing = 链接不完整，请向发送方索取新的链接。
