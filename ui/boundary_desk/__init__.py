"""The page of boundary layers: a delivery put in, looked at, brought; layers decided on.

`desk` knows which file lies there and how far its work has come, `delivery_steps` draws the way in, `decision` what was
found beside the present layer, `layer_list` all layers on record.
"""
