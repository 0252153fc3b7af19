"""Scores of whole movies on frames that no model saw; `accuracy.py` and `held_out.py` walk it.

=================== ==================================================================================
`unseen`            which frames are scored
`result`            labels of one pair after the other become a result, as in `infer`
`embedded`          methods that cluster the same embeddings
`classical`         threshold and watershed, without a network
`seeds`             Fig. 9 of Zhao et al. 2021: the score that so many seeds reach
`run`               one dataset, all methods
`peers`             programs of others, where they are installed, and results they left in folders
`render`            Markdown and the picture
=================== ==================================================================================
"""
