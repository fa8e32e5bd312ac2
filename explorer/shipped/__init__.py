"""The networks this project trains itself and ships, with the recipes they are made by."""
